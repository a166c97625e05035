/**
 * The program: settings, start, and an orderly end.
 *
 * With `--until-stdin-ends` it ends with its standard input, too, so that it does not outlive whoever started it.
 */
import { Bridge } from './bridge.mjs';
import { makeLog, reasonOf } from './log.mjs';
import { readSettings } from './settings.mjs';

/** The library's encryption prints whole sessions, private keys included, when it opens and closes them. */
function silenceConsole() {
  for (const name of /** @type {const} */ (['log', 'info', 'warn', 'error', 'debug', 'trace'])) {
    console[name] = () => {};
  }
}

async function main() {
  silenceConsole();
  const settings = readSettings(process.env);
  const log = makeLog({ level: settings.logLevel });
  const bridge = new Bridge(settings, log);
  // The library leaves some of its promises alone when a connection ends.
  process.on('unhandledRejection', (fault) =>
    log.warn('a promise nobody waited for', { fault: reasonOf(fault) }),
  );
  await bridge.start();
  log.info('listening', { address: bridge.url });
  const stop = async () => {
    log.info('stopping');
    await bridge.stop().catch((fault) => log.error('stopping failed', { fault: reasonOf(fault) }));
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (process.argv.includes('--until-stdin-ends')) process.stdin.once('end', stop).resume();
}

main().catch((fault) => {
  process.stderr.write(`${reasonOf(fault)}\n`);
  process.exit(1);
});
