/** One test call: microphone and loudspeaker of this browser at one end, the server's media socket at the other. */
import type { TestCall } from '@/api/types';
import microphoneUrl from './audio/microphone.worklet.ts?worker&url';
import type { FromSpeaker, ToSpeaker } from './audio/speaker.worklet';
import speakerUrl from './audio/speaker.worklet.ts?worker&url';
import { MediaSocket } from './media-socket';

export interface LineEvents {
  /** Loudness between 0 and 1. */
  onLevel: (who: 'caller' | 'agent', level: number) => void;
  onClose: (clean: boolean) => void;
}

export interface Line {
  mute: (muted: boolean) => void;
  hangUp: () => void;
}

export type MicrophoneProblem = 'insecure' | 'refused' | 'missing';

export class NoMicrophone extends Error {
  constructor(readonly problem: MicrophoneProblem) {
    super(problem);
  }
}

export async function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new NoMicrophone('insecure');
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    throw new NoMicrophone(
      name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'refused',
    );
  }
}

const SILENCE = new Uint8Array(160).fill(0xff);

export async function openLine(microphone: MediaStream, call: TestCall, events: LineEvents): Promise<Line> {
  const audio = new AudioContext({ latencyHint: 'interactive' });
  await Promise.all([audio.audioWorklet.addModule(microphoneUrl), audio.audioWorklet.addModule(speakerUrl)]);
  await audio.resume();

  const speaker = new AudioWorkletNode(audio, 'speaker', { numberOfInputs: 0, outputChannelCount: [1] });
  speaker.connect(audio.destination);
  const tell = (message: ToSpeaker) => speaker.port.postMessage(message);
  const recorder = new AudioWorkletNode(audio, 'microphone', { numberOfOutputs: 0, channelCount: 1 });
  audio.createMediaStreamSource(microphone).connect(recorder);

  let muted = false;
  const release = () => {
    for (const track of microphone.getTracks()) track.stop();
    if (audio.state !== 'closed') void audio.close();
  };
  const socket = new MediaSocket(call.stream_url, call, {
    onMedia: (media) => tell({ media }),
    onMark: (mark) => tell({ mark }),
    onClear: () => tell({ clear: true }),
    onClose: (clean) => {
      release();
      events.onClose(clean);
    },
  });
  recorder.port.onmessage = ({ data }: MessageEvent<{ frame: Uint8Array; level: number }>) => {
    socket.send(muted ? SILENCE : data.frame);
    events.onLevel('caller', muted ? 0 : data.level);
  };
  speaker.port.onmessage = ({ data }: MessageEvent<FromSpeaker>) => {
    if ('marks' in data) for (const mark of data.marks) socket.reached(mark);
    else events.onLevel('agent', data.level);
  };
  return {
    mute: (on) => {
      muted = on;
    },
    hangUp: () => {
      socket.stop();
      release();
    },
  };
}
