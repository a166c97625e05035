/** Turns the microphone into 20 ms frames of mu-law at 8 kHz. Posts each with its loudness. */
import { encode } from './mulaw';
import { Resampler } from './resample';

const LINE_HZ = 8_000;
const FRAME = 160;

class Microphone extends AudioWorkletProcessor {
  private readonly resampler = new Resampler(sampleRate, LINE_HZ);
  private frame = new Uint8Array(FRAME);
  private filled = 0;
  private energy = 0;

  process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0];
    if (!channel) return true;
    for (const sample of this.resampler.push(channel)) {
      this.frame[this.filled] = encode(sample);
      this.energy += sample * sample;
      this.filled += 1;
      if (this.filled === FRAME) this.post();
    }
    return true;
  }

  private post(): void {
    const level = Math.sqrt(this.energy / FRAME);
    this.port.postMessage({ frame: this.frame, level }, [this.frame.buffer]);
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
    this.energy = 0;
  }
}

registerProcessor('microphone', Microphone);
