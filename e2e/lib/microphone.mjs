/** A microphone that says given lines: a WAV file that Chromium plays into the page. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LINE_HZ = 8_000;
const FILE_HZ = 48_000;
const TIMES = FILE_HZ / LINE_HZ;

function sample(byte) {
  const bits = ~byte & 0xff;
  const size = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return bits & 0x80 ? -size : size;
}

/** 8 kHz mu-law as 48 kHz samples, straight lines between. */
function widen(mulaw) {
  const samples = new Int16Array(mulaw.length * TIMES);
  for (let at = 0; at < mulaw.length; at += 1) {
    const from = sample(mulaw[at]);
    const to = sample(mulaw[at + 1] ?? 0xff);
    for (let step = 0; step < TIMES; step += 1) samples[at * TIMES + step] = from + ((to - from) * step) / TIMES;
  }
  return samples;
}

/** `parts` are mu-law lines and, as numbers, seconds of silence. Returns Chromium's flags. */
export async function microphone(parts) {
  const sounds = parts.map((part) => (typeof part === 'number' ? new Int16Array(part * FILE_HZ) : widen(part)));
  const length = sounds.reduce((sum, sound) => sum + sound.length, 0);
  const file = Buffer.alloc(44 + length * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + length * 2, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(FILE_HZ, 24);
  file.writeUInt32LE(FILE_HZ * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(length * 2, 40);
  let at = 44;
  for (const sound of sounds) {
    Buffer.from(sound.buffer).copy(file, at);
    at += sound.length * 2;
  }
  const path = join(await mkdtemp(join(tmpdir(), 'agentlocator-microphone-')), 'voice.wav');
  await writeFile(path, file);
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${path}%noloop`,
    '--autoplay-policy=no-user-gesture-required',
  ];
}
