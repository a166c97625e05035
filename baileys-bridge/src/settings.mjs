/** What the environment says, read once and checked whole, so that one start tells everything that is wrong. */

/**
 * @typedef {object} Settings
 * @property {boolean} production
 * @property {number} port 0 takes a free one
 * @property {string | null} secret null only in development: then nothing but /health is answered
 * @property {string} folder
 * @property {string} serverUrl without a slash at its end
 * @property {number} sendIntervalMs
 * @property {string} logLevel
 * @property {StandIn | null} standIn
 *
 * @typedef {object} StandIn WhatsApp's servers as a test plays them
 * @property {string} socketUrl
 * @property {string | null} certificateKey the root that signs the server's certificate, as hexadecimal digits
 * @property {string | null} mediaUrl where files are fetched from; where they go WhatsApp says itself
 */

export class BadSettings extends Error {
  /** @param {string[]} faults */
  constructor(faults) {
    super(`The bridge cannot start:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

const PRODUCTION_SECRET_BYTES = 32;

/**
 * @param {NodeJS.ProcessEnv} environment an empty variable counts as unset
 * @returns {Settings}
 */
export function readSettings(environment) {
  /** @type {string[]} */
  const faults = [];
  /** @param {string} name */
  const text = (name) => environment[name]?.trim() || null;
  const mode = text('APP_ENV') ?? text('FLASK_ENV') ?? 'development';
  if (!['development', 'testing', 'production'].includes(mode)) {
    faults.push(`APP_ENV is "${mode}": development, testing or production`);
  }
  const settings = {
    production: mode === 'production',
    port: number(text('WA_BAILEYS_PORT'), 8000, 65_535, 'WA_BAILEYS_PORT', faults),
    secret: secret(text('WA_SHARED_SECRET'), mode, faults),
    folder: text('WA_SESSION_DIR') ?? './baileys-bridge/session',
    serverUrl: address(
      text('SERVER_URL') ?? `http://127.0.0.1:${text('PORT') ?? 5000}`,
      ['http:', 'https:'],
      'SERVER_URL',
      faults,
    ),
    sendIntervalMs: number(text('WA_SEND_INTERVAL_MS'), 3000, 3600_000, 'WA_SEND_INTERVAL_MS', faults),
    logLevel: (text('LOG_LEVEL') ?? 'info').toLowerCase(),
    standIn: standIn(text, mode, faults),
  };
  if (faults.length > 0) throw new BadSettings(faults);
  return settings;
}

/** @param {string | null} value @param {string} mode @param {string[]} faults */
function secret(value, mode, faults) {
  if (value === null && mode !== 'development') {
    faults.push('WA_SHARED_SECRET is missing: the server and this bridge sign their requests with it');
  }
  if (value !== null && mode === 'production' && Buffer.byteLength(value) < PRODUCTION_SECRET_BYTES) {
    faults.push(`WA_SHARED_SECRET is shorter than ${PRODUCTION_SECRET_BYTES} bytes`);
  }
  return value;
}

/** @param {(name: string) => string | null} text @param {string} mode @param {string[]} faults */
function standIn(text, mode, faults) {
  const names = ['WA_WEB_SOCKET_URL', 'WA_WEB_CERT_PUBLIC_KEY', 'WA_WEB_MEDIA_URL'];
  const given = names.filter((name) => text(name) !== null);
  if (given.length === 0) return null;
  if (mode === 'production') {
    faults.push(`${given.join(', ')}: only for tests, never in production`);
    return null;
  }
  const [socketUrl, certificateKey, mediaUrl] = names.map(text);
  if (socketUrl === null) {
    faults.push('WA_WEB_SOCKET_URL is missing beside the other settings of a stand-in');
    return null;
  }
  if (certificateKey !== null && !/^[0-9a-f]{64}$/i.test(certificateKey)) {
    faults.push('WA_WEB_CERT_PUBLIC_KEY is not 64 hexadecimal digits');
  }
  return {
    socketUrl: address(socketUrl, ['ws:', 'wss:'], 'WA_WEB_SOCKET_URL', faults),
    certificateKey,
    mediaUrl: mediaUrl && address(mediaUrl, ['https:'], 'WA_WEB_MEDIA_URL', faults),
  };
}

/** @param {string | null} value @param {number} usual @param {number} most @param {string} name @param {string[]} faults */
function number(value, usual, most, name, faults) {
  if (value === null) return usual;
  if (/^\d{1,9}$/.test(value) && Number(value) <= most) return Number(value);
  faults.push(`${name} is "${value}": a whole number up to ${most}`);
  return usual;
}

/** @param {string} value @param {string[]} schemes @param {string} name @param {string[]} faults */
function address(value, schemes, name, faults) {
  if (!URL.canParse(value) || !schemes.includes(new URL(value).protocol)) {
    faults.push(
      `${name} is no address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
    );
  }
  return value.replace(/\/+$/, '');
}
