/** The bridge inside the test's own process, linked to a stand-in: for what can be seen only from within. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bridge } from '../../src/bridge.mjs';
import { makeLog } from '../../src/log.mjs';
import { readSettings } from '../../src/settings.mjs';
import { StandIn } from '../../standin/standin.mjs';
import { FakeServer, SECRET } from './server.mjs';
import { until } from './until.mjs';
import { OWNER } from './world.mjs';

export async function startInside() {
  const folder = await mkdtemp(join(tmpdir(), 'inside-'));
  const whatsapp = await StandIn.start({ preKeyCount: 100 });
  const server = await FakeServer.start();
  const settings = readSettings({
    APP_ENV: 'testing',
    WA_BAILEYS_PORT: '0',
    WA_SHARED_SECRET: SECRET,
    WA_SESSION_DIR: folder,
    SERVER_URL: server.url,
    WA_SEND_INTERVAL_MS: '0',
    WA_WEB_SOCKET_URL: whatsapp.url,
    WA_WEB_CERT_PUBLIC_KEY: whatsapp.addresses.cert_public_key,
  });
  const bridge = new Bridge(settings, makeLog({ level: 'silent' }), { diskProbeMs: 100 });
  await bridge.start();
  const { qr } = await bridge.session(1).qr();
  await whatsapp.scan({ qr, phone: OWNER });
  await until('linked', () => bridge.session(1).connected);
  const stop = async () => {
    await bridge.stop();
    await whatsapp.stop();
    await server.stop();
    await rm(folder, { recursive: true });
  };
  return { whatsapp, server, bridge, stop };
}
