/** The whole: WhatsApp's stand-in, the server's, and between them the real bridge as a program of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandIn } from '../../standin/standin.mjs';
import { FakeServer, SECRET } from './server.mjs';
import { until } from './until.mjs';

const MAIN = new URL('../../src/main.mjs', import.meta.url).pathname;

export const OWNER = '+972521111111';
export const DANA = '+972501234567';

/** A running bridge. */
class Program {
  output = '';

  constructor(env) {
    this.child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (data) => {
        this.output += data;
      });
    }
    this.ended = once(this.child, 'exit');
  }

  /** @returns {Promise<string>} its address */
  listening() {
    return until('the bridge listening', () => {
      if (this.child.exitCode !== null) throw new Error(this.output);
      return /"message":"listening","address":"([^"]+)"/.exec(this.output)?.[1];
    });
  }

  get lines() {
    return this.output.split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  }

  async kill(signal) {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    await until('the end', () => this.child.exitCode !== null || this.child.signalCode !== null).catch(
      (fault) => {
        throw new Error(this.output.slice(-3000), { cause: fault });
      },
    );
  }
}

export class World {
  static async start(env = {}) {
    const world = new World();
    world.folder = await mkdtemp(join(tmpdir(), 'bridge-'));
    world.whatsapp = await StandIn.start({ preKeyCount: 100 });
    world.server = await FakeServer.start();
    const certificate = join(world.folder, 'media.pem');
    await writeFile(certificate, world.whatsapp.addresses.media_certificate);
    world.env = {
      APP_ENV: 'testing',
      WA_BAILEYS_PORT: '0',
      WA_SHARED_SECRET: SECRET,
      WA_SESSION_DIR: join(world.folder, 'session'),
      SERVER_URL: world.server.url,
      WA_SEND_INTERVAL_MS: '0',
      WA_WEB_SOCKET_URL: world.whatsapp.url,
      WA_WEB_CERT_PUBLIC_KEY: world.whatsapp.addresses.cert_public_key,
      WA_WEB_MEDIA_URL: world.whatsapp.addresses.media,
      NODE_EXTRA_CA_CERTS: certificate,
      LOG_LEVEL: process.env.BRIDGE_LOG ?? 'info',
      ...env,
    };
    await world.run();
    return world;
  }

  async run() {
    this.server.generation += 1;
    this.bridge = new Program(this.env);
    this.server.bridgeUrl = await this.bridge.listening();
  }

  ask(...request) {
    return this.server.ask(...request);
  }

  async status(business = 1) {
    return (await this.ask('GET', `/sessions/${business}/status`)).body;
  }

  /** Links a business by a scanned code. */
  async link(business = 1, phone = OWNER) {
    const { body } = await this.ask('GET', `/sessions/${business}/qr`);
    await this.whatsapp.scan({ qr: body.qr, phone });
    await this.connected(business);
  }

  connected(business = 1) {
    return until('connected', async () => (await this.status(business)).connected);
  }

  /** Connected, and the backlog is through. */
  send(id, more = {}, business = 1) {
    return this.ask('POST', `/sessions/${business}/send`, {
      id,
      to: DANA,
      kind: 'text',
      text: 'שלום',
      ...more,
    });
  }

  async restart(signal = 'SIGTERM') {
    await this.bridge.kill(signal);
    await this.run();
  }

  async stop() {
    await this.bridge.kill('SIGKILL');
    await this.whatsapp.stop();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
