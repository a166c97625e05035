/** The sound of an alarm, made by the browser itself; each person chooses it on each device. */
import { useStored } from '@/components/stored';

export const SOUNDS = ['chime', 'bell', 'pulse', 'off'] as const;
export type Sound = (typeof SOUNDS)[number];

export function useAlarmSound(user: number): [Sound, (sound: Sound) => void] {
  return useStored<Sound>(`alarm.sound.${user}`, 'chime');
}

interface Note {
  hertz: number;
  at: number;
  seconds: number;
}

const TUNES: Record<Exclude<Sound, 'off'>, Note[]> = {
  chime: [
    { hertz: 659, at: 0, seconds: 0.5 },
    { hertz: 880, at: 0.22, seconds: 0.9 },
  ],
  bell: [
    { hertz: 1046, at: 0, seconds: 1.2 },
    { hertz: 1046, at: 0.7, seconds: 1.2 },
  ],
  pulse: [
    { hertz: 520, at: 0, seconds: 0.16 },
    { hertz: 520, at: 0.24, seconds: 0.16 },
    { hertz: 520, at: 0.48, seconds: 0.16 },
  ],
};

const LOUDNESS = 0.22;
let context: AudioContext | null = null;

/** Plays once; `false` when the browser does not let it, as before the first click on the page. */
export async function play(sound: Sound): Promise<boolean> {
  if (sound === 'off') return true;
  if (typeof AudioContext === 'undefined') return false;
  context ??= new AudioContext();
  if (context.state !== 'running') {
    // A promise that waits for a click never settles.
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
  }
  if (context.state !== 'running') return false;
  for (const note of TUNES[sound]) strike(context, note);
  return true;
}

function strike(audio: AudioContext, { hertz, at, seconds }: Note): void {
  const start = audio.currentTime + at;
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, start + seconds);
  tone.connect(gain).connect(audio.destination);
  tone.start(start);
  tone.stop(start + seconds);
}
