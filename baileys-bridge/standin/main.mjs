/**
 * The stand-in as a program:
 *
 *     node baileys-bridge/standin/main.mjs [--port 0] [--everyone] [--pre-keys 100] [--media-certificate FILE] [--until-stdin-ends]
 *
 * Prints one line of JSON with its addresses and runs until it is stopped. With `--until-stdin-ends` it also ends with
 * its standard input, so that it does not outlive a test that was killed.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { StandIn } from './standin.mjs';

// libsignal prints sessions, and the one line of JSON is to stay the only one.
Object.assign(console, { info() {}, log() {}, warn() {}, error() {} });

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    everyone: { type: 'boolean', default: false },
    'pre-keys': { type: 'string' },
    'media-certificate': { type: 'string' },
    'until-stdin-ends': { type: 'boolean', default: false },
  },
});

const preKeys = values['pre-keys'];
const standIn = await StandIn.start({
  port: Number(values.port),
  everyone: values.everyone,
  preKeyCount: preKeys === undefined ? undefined : Number(preKeys),
});
if (values['media-certificate'])
  writeFileSync(values['media-certificate'], standIn.addresses.media_certificate);
process.stdout.write(`${JSON.stringify(standIn.addresses)}\n`);

const stop = async () => {
  await standIn.stop();
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
if (values['until-stdin-ends']) process.stdin.on('end', stop).resume();
