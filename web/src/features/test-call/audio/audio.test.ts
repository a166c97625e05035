import { describe, expect, it } from 'vitest';
import { decode, encode } from './mulaw';
import { Playout } from './playout';
import { Resampler } from './resample';

describe('mu-law', () => {
  it('gives every byte back', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      // Plus and minus zero are one sample.
      if (byte !== 0x7f) expect(encode(decode(byte))).toBe(byte);
    }
  });

  it('knows the bytes of silence and of the loudest', () => {
    expect(encode(0)).toBe(0xff);
    expect(encode(1)).toBe(0x80);
    expect(encode(-1)).toBe(0x00);
  });
});

function tone(hz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: rate * seconds }, (_, at) => Math.sin((2 * Math.PI * hz * at) / rate));
}

function through(resampler: Resampler, input: Float32Array, block = 128): Float32Array {
  const parts: number[] = [];
  for (let at = 0; at < input.length; at += block)
    parts.push(...resampler.push(input.subarray(at, at + block)));
  return Float32Array.from(parts);
}

const loudness = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

describe('resampling', () => {
  it.each([44_100, 48_000])('keeps a voice from %i Hz', (rate) => {
    const out = through(new Resampler(rate, 8_000), tone(1_000, rate, 0.5));
    expect(out.length).toBeGreaterThan(3_950);
    expect(out.length).toBeLessThanOrEqual(4_001);
    expect(loudness(out.subarray(200))).toBeCloseTo(Math.SQRT1_2, 1);
  });

  it('lets nothing fold back from above the telephone line', () => {
    const out = through(new Resampler(48_000, 8_000), tone(7_000, 48_000, 0.5));
    expect(loudness(out.subarray(200))).toBeLessThan(0.02);
  });

  it('goes up without gaps between blocks', () => {
    const out = through(new Resampler(8_000, 48_000), tone(500, 8_000, 0.25), 160);
    const jumps = Array.from(out.subarray(1), (x, at) => Math.abs(x - (out[at] ?? 0)));
    expect(Math.max(...jumps)).toBeLessThan(0.1);
  });
});

describe('playout', () => {
  const sound = (length: number, value: number) => new Float32Array(length).fill(value);

  it('waits for a reserve, then plays without a gap', () => {
    const playout = new Playout(320, 10_000);
    const out = new Float32Array(160);
    playout.push(sound(160, 0.5));
    playout.pull(out);
    expect(out[0]).toBe(0);
    playout.push(sound(160, 0.5));
    playout.pull(out);
    expect(out.every((x) => x === 0.5)).toBe(true);
  });

  it('reaches a mark only when the sound before it was played', () => {
    const playout = new Playout(160, 10_000);
    playout.push(sound(320, 0.5));
    expect(playout.mark('a')).toEqual([]);
    const out = new Float32Array(160);
    expect(playout.pull(out)).toEqual([]);
    expect(playout.pull(out)).toEqual(['a']);
  });

  it('gives marks back at once when the sound is thrown away', () => {
    const playout = new Playout(160, 10_000);
    playout.push(sound(1_600, 0.5));
    playout.mark('a');
    playout.push(sound(160, 0.5));
    playout.mark('b');
    expect(playout.clear()).toEqual(['a', 'b']);
    const out = sound(160, 1);
    expect(playout.pull(out)).toEqual([]);
    expect(out.every((x) => x === 0)).toBe(true);
    expect(playout.mark('c')).toEqual(['c']);
  });

  it('plays a short word that is whole, though below the reserve', () => {
    const playout = new Playout(480, 10_000);
    playout.push(sound(80, 0.5));
    playout.mark('short');
    expect(playout.pull(new Float32Array(160))).toEqual(['short']);
  });

  it('never holds more than its limit', () => {
    const playout = new Playout(0, 200);
    playout.push(sound(160, 0.5));
    playout.push(sound(160, 0.7));
    const out = new Float32Array(320);
    playout.pull(out);
    expect(out[159]).toBe(0.5);
    expect(out[160]).toBe(0);
  });
});
