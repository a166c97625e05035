/**
 * Between the sound card's rate and the telephone's 8 kHz, block by block: a windowed-sinc low-pass evaluated at each
 * output time. The filter cuts at the lower rate's half, so nothing folds back into the voice.
 */
const HALF_WIDTH = 12;

export class Resampler {
  private readonly ratio: number;
  private readonly cutoff: number;
  private readonly reach: number;
  private history: Float32Array;
  /** Place of the next output sample, in input samples from the start of `history`. */
  private at: number;

  constructor(from_hz: number, to_hz: number) {
    this.ratio = from_hz / to_hz;
    this.cutoff = Math.min(1, to_hz / from_hz) * 0.94;
    this.reach = Math.ceil(HALF_WIDTH / this.cutoff);
    this.history = new Float32Array(this.reach * 2);
    this.at = this.reach;
  }

  push(block: Float32Array): Float32Array {
    const input = new Float32Array(this.history.length + block.length);
    input.set(this.history);
    input.set(block, this.history.length);
    const count = Math.max(0, Math.ceil((input.length - this.reach - this.at) / this.ratio));
    const output = new Float32Array(count);
    let at = this.at;
    for (let index = 0; index < count; index += 1) {
      output[index] = this.sampleAt(input, at);
      at += this.ratio;
    }
    const kept = Math.max(0, Math.floor(at) - this.reach);
    this.history = input.slice(kept);
    this.at = at - kept;
    return output;
  }

  private sampleAt(input: Float32Array, at: number): number {
    const first = Math.ceil(at - this.reach);
    const last = Math.floor(at + this.reach);
    let sum = 0;
    for (let index = first; index <= last; index += 1) {
      sum += (input[index] ?? 0) * this.weight(index - at);
    }
    return sum;
  }

  private weight(distance: number): number {
    const x = distance * this.cutoff;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (this.reach + 1));
    return sinc * window * this.cutoff;
  }
}
