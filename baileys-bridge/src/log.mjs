/**
 * One JSON object per line. Neither message contents nor whole phone numbers ever get here: of every long run of digits
 * two are left, and what the library says is written down as its sentence alone, without the objects beside it.
 */

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/** @param {string} text */
export function masked(text) {
  return text.replace(/\d{7,}/g, (digits) => `…${digits.slice(-2)}`);
}

/** @param {Record<string, unknown>} fields */
function maskedFields(fields) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' && name !== 'id' ? masked(value) : value,
    ]),
  );
}

/**
 * @typedef {Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields?: Record<string, unknown>) => void> & {
 *   with: (fields: Record<string, unknown>) => Log }} Log
 */

/**
 * @param {{ level: string, write?: (line: string) => void, always?: Record<string, unknown> }} options
 * @returns {Log}
 */
export function makeLog({ level, write = (line) => process.stdout.write(line), always = {} }) {
  const lowest = LEVELS.indexOf(level);
  /** @param {string} name */
  const at = (name) => {
    /** @param {string} message @param {Record<string, unknown>} [fields] */
    return (message, fields = {}) => {
      if (LEVELS.indexOf(name) < lowest) return;
      const line = { at: new Date().toISOString(), level: name, message, ...always, ...maskedFields(fields) };
      write(`${JSON.stringify(line)}\n`);
    };
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => makeLog({ level, write, always: { ...always, ...fields } }),
  };
}

/** @param {unknown} fault */
export function reasonOf(fault) {
  return fault instanceof Error ? fault.message : String(fault);
}

/**
 * The logger that the library wants. Its own words are for those who look for a fault in it: at `debug` only.
 * @param {Log} log
 */
export function libraryLogger(log) {
  /** @param {unknown} first @param {unknown} [second] */
  const sentence = (first, second) => {
    const text = typeof first === 'string' ? first : second;
    return typeof text === 'string' ? text.slice(0, 200) : '';
  };
  const logger = {
    level: 'warn',
    child: () => logger,
    trace: () => {},
    debug: () => {},
    info: () => {},
    /** @param {unknown} first @param {unknown} [second] */
    warn: (first, second) => log.debug('library', { said: sentence(first, second) }),
    /** @param {unknown} first @param {unknown} [second] */
    error: (first, second) => log.debug('library', { said: sentence(first, second) }),
  };
  return logger;
}
