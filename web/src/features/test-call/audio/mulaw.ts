/** G.711 mu-law, the codec of telephone lines: one byte per sample, 8,000 samples a second. */

const BIAS = 0x84;
const LOUDEST = 32_635;

/** A sample between -1 and 1 as a mu-law byte. */
export function encode(sample: number): number {
  const wide = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
  const sign = wide < 0 ? 0x80 : 0;
  const size = Math.min(LOUDEST, Math.abs(wide)) + BIAS;
  const exponent = Math.max(0, 31 - Math.clz32(size) - 7);
  const mantissa = (size >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** A mu-law byte as a sample between -1 and 1. */
export function decode(byte: number): number {
  const bits = ~byte & 0xff;
  const exponent = (bits >> 4) & 0x07;
  const size = ((((bits & 0x0f) << 3) + BIAS) << exponent) - BIAS;
  return (bits & 0x80 ? -size : size) / 32_768;
}
