/** Two people at one conversation, and a provider that fails while somebody writes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, signIn } from '../lib/browser.mjs';
import { startServer, until } from '../lib/server.mjs';

let server;
let browser;
let business;
let colleague;

before(async () => {
  server = await startServer({ whatsapp: true });
  browser = await launch();
  business = (await server.api('GET', '/api/users')).results[0].business_id;
  colleague = await server.makeUser('yossi@example.com', 'agent', 'יוסי כהן');
  await server.carrier('bridge', 'PUT', 'plan', { statuses: ['sent', 'delivered'], delay_ms: 0 });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const threadOf = (digits) =>
  until('the conversation', async () => {
    const { results } = await server.api('GET', `/api/crm/threads?q=${digits}`);
    return results[0]?.id;
  });
const fieldOf = (page) => page.getByRole('textbox', { name: 'כתיבת הודעה' });
const bubble = (page, text) => page.locator('[data-message]').filter({ hasText: text }).last();

test('two answer at once: one message leaves, and the other person is told and decides', async () => {
  const from = '+972521112222';
  await server.carrier('bridge', 'POST', `inbound/${business}`, { from, text: 'מישהו שם?', name: 'ישראל ישראלי' });
  const thread = await threadOf('521112222');
  const [dana, yossi] = [await open(browser), await open(browser)];
  await signIn(dana, server, `/inbox?thread=${thread}`);
  await signIn(yossi, colleague, `/inbox?thread=${thread}`);
  for (const page of [dana, yossi]) await bubble(page, 'מישהו שם?').waitFor();

  await fieldOf(dana).pressSequentially('כן');
  await yossi.getByText('דנה לוי כותבת תשובה').waitFor();

  // Yossi's window hears of nothing from here on, as with a slow connection.
  await yossi.route(/\/api\/crm\/threads\/\d+\/messages/, (route) => route.abort());
  await fieldOf(dana).fill('כן, דנה כאן');
  await fieldOf(dana).press('Enter');
  await bubble(dana, 'כן, דנה כאן').locator('[data-status=delivered]').waitFor();
  await fieldOf(yossi).fill('כן, יוסי כאן');
  await fieldOf(yossi).press('Enter');
  const notice = yossi.getByRole('alert').filter({ hasText: 'בינתיים נשלחה תשובה: דנה לוי' });
  await notice.getByText('כן, דנה כאן').waitFor();
  assert.equal(await fieldOf(yossi).inputValue(), 'כן, יוסי כאן', 'the words are kept');
  const left = (await server.carrier('bridge', 'GET', 'sent')).filter(({ to }) => to === from);
  assert.deepEqual(left.map(({ text }) => text), ['כן, דנה כאן']);

  await yossi.unroute(/\/api\/crm\/threads\/\d+\/messages/);
  await notice.getByRole('button', { name: 'שליחה בכל זאת' }).click();
  await bubble(yossi, 'כן, יוסי כאן').waitFor();
  await until('it to leave', async () =>
    (await server.carrier('bridge', 'GET', 'sent')).some(({ text }) => text === 'כן, יוסי כאן'),
  );
  assert.deepEqual(dana.faults, []);
  await dana.context().close();
  await yossi.context().close();
});

test('a provider that refuses is passed over, and the message is delivered by the next one', async () => {
  const from = '+972521113333';
  await server.carrier('twilio', 'POST', 'inbound', { from, text: 'שלום', name: 'מיכל אברהמי' });
  const thread = await threadOf('521113333');
  const page = await open(browser);
  await signIn(page, server, `/inbox?thread=${thread}`);
  await page.getByText('דרך Twilio').waitFor();
  await server.carrier('twilio', 'PUT', 'troubles', { trouble: { kind: 'refuse', code: '20003', status: 401 }, times: 9 });
  await fieldOf(page).fill('שלום מיכל');
  await fieldOf(page).press('Enter');
  await bubble(page, 'שלום מיכל').locator('[data-status=delivered]').waitFor();
  const byBridge = (await server.carrier('bridge', 'GET', 'sent')).filter(({ text }) => text === 'שלום מיכל');
  const byTwilio = (await server.carrier('twilio', 'GET', 'sent')).filter(({ text }) => text === 'שלום מיכל');
  assert.equal(byBridge.length, 1);
  assert.equal(byTwilio.length, 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
