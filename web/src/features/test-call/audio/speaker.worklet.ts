/** Plays what the agent says, and tells when each mark was really reached. */
import { decode } from './mulaw';
import { Playout } from './playout';
import { Resampler } from './resample';

const LINE_HZ = 8_000;
const RESERVE_S = 0.06;
/** The server sends a whole sentence ahead; a minute is far above the longest. */
const MOST_S = 60;
const LEVEL_EVERY_BLOCKS = 16;

export type ToSpeaker = { media: Uint8Array } | { mark: string } | { clear: true };
export type FromSpeaker = { marks: string[] } | { level: number };

class Speaker extends AudioWorkletProcessor {
  private readonly playout = new Playout(RESERVE_S * sampleRate, MOST_S * sampleRate);
  private resampler = new Resampler(LINE_HZ, sampleRate);
  private blocks = 0;
  private energy = 0;
  private samples = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToSpeaker>) => {
      if ('media' in data) this.playout.push(this.resampler.push(Float32Array.from(data.media, decode)));
      else if ('mark' in data) this.reached(this.playout.mark(data.mark));
      else {
        this.resampler = new Resampler(LINE_HZ, sampleRate);
        this.reached(this.playout.clear());
      }
    };
  }

  process(_: Float32Array[][], outputs: Float32Array[][]): boolean {
    const channels = outputs[0];
    const first = channels?.[0];
    if (!first) return true;
    this.reached(this.playout.pull(first));
    for (const channel of channels.slice(1)) channel.set(first);
    for (const sample of first) this.energy += sample * sample;
    this.samples += first.length;
    this.blocks += 1;
    if (this.blocks % LEVEL_EVERY_BLOCKS === 0) {
      this.port.postMessage({ level: Math.sqrt(this.energy / this.samples) } satisfies FromSpeaker);
      this.energy = 0;
      this.samples = 0;
    }
    return true;
  }

  private reached(marks: string[]): void {
    if (marks.length > 0) this.port.postMessage({ marks } satisfies FromSpeaker);
  }
}

registerProcessor('speaker', Speaker);
