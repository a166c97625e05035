/** What ends while its page stands is said there: a session, and acting in somebody's name. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, launch, LOOKS, open, settled, signIn } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';

const PLACE = '/tasks?view=upcoming';

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const overBar = (page) => page.getByRole('status').filter({ hasText: 'ההתחברות הסתיימה' });

async function signInAgain(page) {
  await page.locator('input[type=email]').fill(server.email);
  await page.locator('input[type=password]').fill(server.password);
  await page.locator('button[type=submit]').click();
}

test('a session that ends is said on the page that stands, which is found again after signing in', async () => {
  for (const look of [LOOKS['he-light'], LOOKS['he-dark-360']]) {
    const page = await open(browser, look);
    await signIn(page, server, PLACE);
    await settled(page);
    // From another device.
    await server.api('DELETE', '/api/auth/sessions');
    const bar = overBar(page);
    await bar.waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await bar.getByRole('link', { name: 'להתחבר שוב' }).click();
    await page.getByText('החיבור הסתיים. היכנסו שוב וחזרו בדיוק למקום שבו הייתם.').waitFor();
    await signInAgain(page);
    await page.waitForURL(server.url + PLACE);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await bar.count(), 0);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('a page goes on where one has signed in again in another window', async () => {
  const page = await open(browser);
  await signIn(page, server, PLACE);
  await settled(page);
  await server.api('DELETE', '/api/auth/sessions');
  await overBar(page).waitFor();
  const other = await page.context().newPage();
  await signIn(other, server, '/crm');
  await page.bringToFront();
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await overBar(page).waitFor({ state: 'detached' });
  await server.api('POST', '/api/tasks', { title: 'להתקשר לספק', due_at: new Date(Date.now() + 3 * 86_400_000).toISOString() });
  await page.getByText('להתקשר לספק').first().waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('acting in a name that ends by itself is said, and nothing is changed before that is seen', async () => {
  const admin = await server.makeUser('noa@example.com', 'admin', 'נועה שחר');
  await server.makeUser('avi@example.com', 'agent', 'אבי כהן');
  const people = (await server.api('GET', '/api/users')).results;
  const avi = people.find(({ email }) => email === 'avi@example.com');
  const page = await open(browser);
  await signIn(page, admin);
  const acts = { business_id: avi.business_id, user_id: avi.id, reason: 'פנייה לתמיכה' };
  assert.equal((await page.request.post(`${server.url}/api/admin/impersonate`, { data: acts })).status(), 200);
  await page.goto(`${server.url}/crm`);
  await page.getByText('אתם פועלים בשם אבי כהן').waitFor();
  await server.api('DELETE', `/api/users/${avi.id}`);
  await page.getByText('הכניסה בשם העסק הסתיימה').waitFor({ timeout: 30_000 });
  const change = await page.request.post(`${server.url}/api/crm/customers`, { data: { name: 'דנה' } });
  assert.equal((await change.json()).error, 'impersonation_ended');
  await page.getByRole('button', { name: 'הבנתי' }).click();
  await page.waitForURL('**/admin?section=businesses');
  await settled(page);
  assert.equal(await page.getByText('הכניסה בשם העסק הסתיימה').count(), 0);
  assert.equal((await page.request.post(`${server.url}/api/crm/customers`, { data: { name: 'דנה' } })).status(), 201);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
