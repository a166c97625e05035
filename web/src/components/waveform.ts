/** Peaks of a recording for drawing, per channel. The browser decodes; nothing is kept but the peaks. */
import { renewSession } from '@/api/client';

/** Longer files are played without a drawing: decoding holds all samples in memory. */
const LARGEST_BYTES = 48 * 1024 * 1024;
const BUCKETS = 480;
const RATE = 8_000;

export interface Peaks {
  channels: Float32Array[];
  duration_ms: number;
}

export async function loadPeaks(url: string, signal: AbortSignal): Promise<Peaks | null> {
  let answer = await fetch(url, { signal });
  if (answer.status === 401 && (await renewSession())) answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`recording: HTTP ${answer.status}`);
  if (Number(answer.headers.get('Content-Length') ?? 0) > LARGEST_BYTES) return null;
  const audio = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await answer.arrayBuffer());
  const channels = Array.from({ length: Math.min(2, audio.numberOfChannels) }, (_, channel) =>
    peaksOf(audio.getChannelData(channel), BUCKETS),
  );
  return { channels, duration_ms: audio.duration * 1000 };
}

/** The loudest sample of each bucket, lifted so that quiet speech can be seen. */
export function peaksOf(samples: Float32Array, buckets: number): Float32Array {
  const peaks = new Float32Array(buckets);
  const width = samples.length / buckets;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    let peak = 0;
    const end = Math.floor((bucket + 1) * width);
    for (let at = Math.floor(bucket * width); at < end; at += 1) {
      const size = Math.abs(samples[at] ?? 0);
      if (size > peak) peak = size;
    }
    peaks[bucket] = Math.min(1, Math.sqrt(peak));
  }
  return peaks;
}
