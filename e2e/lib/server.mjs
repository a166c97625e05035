/** The real server for a journey: its own database, port and stand-ins of the outside companies; gone afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 30_000;
const PASSWORD = 'a horse named battery';

function binary() {
  if (process.env.AGENTLOCATOR_BIN) return process.env.AGENTLOCATOR_BIN;
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(process.env.CARGO_TARGET_DIR ?? join(cache, 'agentlocator/target'), 'debug/agentlocator');
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

export async function until(what, check, limit_ms = START_MS) {
  const end = Date.now() + limit_ms;
  let last;
  while (Date.now() < end) {
    try {
      const found = await check();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not happen in ${limit_ms} ms`, { cause: last });
}

function start(args, env, input) {
  const child = spawn(binary(), args, { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } });
  const run = { child, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      run.output += data;
    });
  }
  child.on('error', (error) => {
    run.output += error.message;
  });
  if (input !== undefined) child.stdin.end(input);
  return run;
}

async function finish(run) {
  if (run.child.exitCode === null && run.child.signalCode === null) {
    run.child.kill('SIGTERM');
    const slow = setTimeout(() => run.child.kill('SIGKILL'), 5_000);
    await once(run.child, 'exit');
    clearTimeout(slow);
  }
}

/** What the stand-ins of WhatsApp's carriers know. */
const BRIDGE_SECRET = 'the secret of the stand-in of the bridge';
const TWILIO_WHATSAPP = 'whatsapp:+97233000000';

const TWILIO_ACCOUNT = {
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000000',
  TWILIO_AUTH_TOKEN: 'the token of the stand-in of Twilio',
};

/** What a server needs that has two ways to WhatsApp: the bridge and Twilio. Both stand in for themselves. */
function whatsappEnv(outside) {
  return {
    WA_SHARED_SECRET: BRIDGE_SECRET,
    WA_BAILEYS_PORT: String(outside),
    WA_SEND_INTERVAL_MS: '0',
    WA_BURST_MS: '0',
    TWILIO_WA_FROM: TWILIO_WHATSAPP,
    ...TWILIO_ACCOUNT,
  };
}

const OWNER = { email: 'dana@example.com', role: 'owner', name: 'דנה לוי' };

async function makeUser(env, { email, role, name }) {
  const args = ['user', 'create', '--email', email, '--role', role, '--name', name, '--password-stdin'];
  const run = start(args, env, PASSWORD);
  await once(run.child, 'exit');
  if (run.child.exitCode !== 0) throw new Error(run.output);
}

async function asOwner(url, method, path, content) {
  const token = await fetch(`${url}/api/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: OWNER.email, password: PASSWORD }),
  }).then((answer) => answer.json());
  const headers = { authorization: `Bearer ${token.access_token}` };
  if (content?.type) headers['content-type'] = content.type;
  const answer = await fetch(`${url}${path}`, { method, headers, ...(content && { body: content.body }) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** With `people: false` nobody can sign in yet, and `setupUrl` is where the first owner is made. */
export async function startServer({ people = true, whatsapp = false, env: more = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'agentlocator-e2e-'));
  const [port, outside] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const standins = start(['simulate', 'standins', '--listen', `127.0.0.1:${outside}`, '--server', url], whatsapp ? TWILIO_ACCOUNT : {});
  await until('the stand-ins', () => standins.output.includes('OPENAI_BASE_URL'));
  const env = {
    PORT: String(port),
    BIND: '127.0.0.1',
    DATABASE_URL: `sqlite:///${folder}/e2e.db`,
    DATA_DIR: join(folder, 'data'),
    PUBLIC_BASE_URL: url,
    BUSINESS_NAME: 'שורשים שיפוצים',
    OPENAI_API_KEY: 'stand-in',
    OPENAI_BASE_URL: `http://127.0.0.1:${outside}/v1`,
    GTTS_BASE_URL: `http://127.0.0.1:${outside}`,
    TWILIO_API_BASE: `http://127.0.0.1:${outside}`,
    RATE_AUTH: 'off',
    RATE_API: 'off',
    ...(whatsapp && whatsappEnv(outside)),
    ...more,
  };
  const server = start(['serve'], env);
  const ready = () => fetch(`${url}/readyz`).then((answer) => answer.ok);
  await until('the server', ready).catch((error) => {
    throw new Error(server.output, { cause: error });
  });
  if (people) await makeUser(env, OWNER);
  return {
    url,
    whatsapp,
    password: PASSWORD,
    email: OWNER.email,
    /** Somebody else of the business, or of the platform; returns what `signIn` takes. */
    async makeUser(email, role, name) {
      await makeUser(env, { email, role, name });
      return { url, email, password: PASSWORD };
    },
    get setupUrl() {
      return /http\S+\/setup\?token=\S+/.exec(server.output)?.[0];
    },
    get log() {
      return server.output;
    },
    /** Places a call over webhooks and media socket; `done` settles with its report. */
    call(...args) {
      const run = start(
        ['simulate', 'call', '--server', url, '--public-url', url, '--standins', `http://127.0.0.1:${outside}`, ...args],
        whatsapp ? TWILIO_ACCOUNT : {},
      );
      return { done: once(run.child, 'exit').then(() => run.output), stop: () => finish(run) };
    },
    /** Tells the stand-in recogniser what it is going to hear. */
    async willHear(text, mulaw) {
      const answer = await fetch(`http://127.0.0.1:${outside}/_utterances`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text, mulaw: mulaw.toString('base64') }),
      });
      if (!answer.ok) throw new Error(`the stand-in answered ${answer.status}`);
    },
    /**
     * Speaks to the stand-in of one of WhatsApp's carriers: `bridge` or `twilio`. `POST inbound/1` is somebody who
     * writes to the business 1, `GET sent` what left.
     */
    async carrier(which, method, path, body) {
      const answer = await fetch(`http://127.0.0.1:${outside}/_whatsapp/${which}/${path}`, {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? null : answer.json();
    },
    /** A request in the name of the owner. */
    api(method, path, body) {
      return asOwner(url, method, path, body && { type: 'application/json', body: JSON.stringify(body) });
    },
    /** A form with files, in the name of the owner. */
    upload(path, form) {
      return asOwner(url, 'POST', path, { body: form });
    },
    async stop() {
      await finish(server);
      await finish(standins);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One of the lines that callers say, as 8 kHz mu-law. */
export function line(key) {
  return readFile(new URL(`../../crates/simulator/assets/lines/${key}.ulaw`, import.meta.url));
}

/** The business keeps no Sabbath, so that what falls due on any day of the week is told of at once. */
export async function keepOpen(server) {
  const [{ business_id }] = (await server.api('GET', '/api/users')).results;
  await server.api('PATCH', `/api/businesses/${business_id}/settings`, { shabbat: { observe: false } });
}
