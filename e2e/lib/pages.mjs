/** The pages, and a business in which something has happened. */
import { keepOpen, until } from './server.mjs';

export const PAGES = [
  ['sign-in', () => '/login'],
  ['accessibility', () => '/accessibility'],
  ['forgotten password', () => '/forgot'],
  ['new password', () => '/reset?token=none'],
  ['used invitation', () => '/invite/none'],
  ['first steps', () => '/welcome'],
  ['first steps of the agent', () => '/welcome?step=agent'],
  ['first steps of the call', () => '/welcome?step=call'],
  ['first steps of the number', () => '/welcome?step=number'],
  ['settings', () => '/business'],
  ...[
    'hours',
    'calls',
    'number',
    'whatsapp',
    'customers',
    'team',
    'access',
    'deals',
    'modules',
    'keys',
    'audit',
    'export',
    'security',
  ].map((name) => [
    `settings of ${name}`,
    () => `/business?section=${name}`,
  ]),
  ['today', () => '/crm'],
  ['waiting', () => '/calls'],
  ['calls', () => '/calls?view=all'],
  ['calls by filter', () => '/calls?view=all&outcome=talked&recorded=true'],
  ['inbox', () => '/inbox'],
  ['conversation', ({ thread }) => `/inbox?thread=${thread}`],
  ['call', ({ call }) => `/calls/${call}`],
  ['hidden call', ({ hidden }) => `/calls/${hidden}`],
  ['test call', () => '/test-call'],
  ['customers', () => '/crm/customers'],
  ['customers not found', () => '/crm/customers?q=qqq'],
  ['import', () => '/crm/customers/import'],
  ['import done', ({ import: id }) => `/crm/customers/import?id=${id}`],
  ['customer', ({ customer }) => `/crm/customers/${customer}`],
  ['timeline', ({ customer }) => `/crm/customers/${customer}?tab=timeline`],
  ['calls of a customer', ({ customer }) => `/crm/customers/${customer}?tab=calls`],
  ['conversation with a customer', ({ customer }) => `/crm/customers/${customer}?tab=whatsapp`],
  ['notes of a customer', ({ customer }) => `/crm/customers/${customer}?tab=notes`],
  ['company', ({ company }) => `/crm/customers/${company}`],
  ['deals', () => '/deals'],
  ['deals as a list', () => '/deals?view=list'],
  ['forecast', () => '/deals?view=forecast'],
  ['deal', ({ deal }) => `/deals?deal=${deal}`],
  ['deals of a customer', ({ customer }) => `/crm/customers/${customer}?tab=deals`],
  ['tasks', () => '/tasks'],
  ['tasks overdue', () => '/tasks?view=overdue'],
  ['tasks upcoming', () => '/tasks?view=upcoming'],
  ['tasks done', () => '/tasks?view=done'],
  ['tasks of a customer', ({ customer }) => `/crm/customers/${customer}?tab=tasks`],
  ['notifications', () => '/notifications'],
  ['no such customer', () => '/crm/customers/999999'],
  ['no such page', () => '/no-such-page'],
];

/** What only somebody who runs the platform sees. */
export const ADMIN_PAGES = ['overview', 'businesses', 'people', 'texts', 'audit', 'jobs', 'health'].map((name) => [
  `administration of ${name}`,
  () => `/admin?section=${name}`,
]);

const named = (page, role, name) => page.getByRole(role, { name, exact: true }).first();

/** What it opens is loaded when it is first wanted. */
async function dialogBy(page, open) {
  await open();
  await page.getByRole('dialog').waitFor();
}

const LINK_PHONE = /^קישור טלפון$|^Link a phone$/;

/** No phone is linked to WhatsApp, and one can be. */
async function unlinked(page, server, { business }) {
  const session = { connected: false, qr: '2@a code as WhatsApp Web has it', number: null, reason: 'logged_out' };
  await server.carrier('bridge', 'PUT', `sessions/${business}`, session);
  await page.reload();
  await named(page, 'button', LINK_PHONE).waitFor();
}

async function toCode(page) {
  await named(page, 'button', LINK_PHONE).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: /^המשך לקוד$|^On to the code$/ }).click();
  await dialog.getByRole('img').waitFor();
}

/** What opens over a page: where, and how. With what belongs to WhatsApp, the server stands in for the phone. */
export const OPENED = [
  ['person menu', () => '/crm', (page) => named(page, 'button', /התפריט של|’s menu|^עוד$|^More$/).click()],
  [
    'new task',
    () => '/crm',
    async (page) => {
      await named(page, 'textbox', /משימה חדשה|New task/).fill('להתקשר לספק');
      // Day and person arrive a moment after the first letter.
      await page.locator('main').getByRole('button', { name: /דנה לוי/ }).first().waitFor();
    },
  ],
  ['filter of customers', () => '/crm/customers', (page) => named(page, 'button', /^סינון$|^Filter$/).click()],
  ['views', () => '/crm/customers?status=qualified', (page) => named(page, 'button', /שמירת תצוגה חדשה|Save as a new view/).click()],
  [
    'picked customers',
    () => '/crm/customers',
    (page) => page.getByRole('checkbox', { name: /בחירת כל הרשימה|Pick the whole list/ }).check(),
  ],
  [
    'merge',
    ({ customer }) => `/crm/customers/${customer}`,
    async (page) => {
      await named(page, 'button', /פעולות נוספות|More actions/).click();
      await page.getByRole('menuitem', { name: /מיזוג עם לקוח אחר|Merge with another customer/ }).click();
      await page.getByRole('searchbox').last().fill('מיכל');
      await page.getByRole('dialog').getByRole('button', { name: /מיכל אברהמי/ }).click();
      await page.getByRole('radio').first().waitFor();
    },
  ],
  [
    'forget',
    ({ customer }) => `/crm/customers/${customer}`,
    async (page) => {
      await named(page, 'button', /פעולות נוספות|More actions/).click();
      await page.getByRole('menuitem', { name: /מחיקת כל המידע האישי|Erase all personal data/ }).click();
    },
  ],
  ['new field', () => '/business?section=customers', (page) => named(page, 'button', /שדה חדש|New field/).click()],
  ['new customer', () => '/crm/customers', (page) => named(page, 'button', /לקוח חדש|New customer/).click()],
  ['filter of calls', () => '/calls?view=all', (page) => named(page, 'button', /^סינון$|^Filter$/).click()],
  ['task sheet', () => '/tasks', (page) => named(page, 'button', /משימה חדשה|New task/).click()],
  [
    'task opened',
    () => '/tasks?view=overdue',
    (page) => named(page, 'button', 'לחזור לגבי הנזילה מהגג').click(),
  ],
  ['snooze', () => '/tasks?view=overdue', (page) => named(page, 'button', /^דחייה: |^Snooze: /).click()],
  ['notifications centre', () => '/crm', (page) => dialogBy(page, () => named(page, 'button', /^התראות|^Notifications/).click())],
  ['palette', () => '/crm', (page) => dialogBy(page, () => named(page, 'button', /^חיפוש|^Search/).click())],
  ['shortcuts', () => '/crm', (page) => dialogBy(page, () => page.keyboard.press('Shift+?'))],
  [
    'status',
    ({ customer }) => `/crm/customers/${customer}`,
    (page) => named(page, 'button', /^סטטוס: |^Status: /).click(),
  ],
  [
    'more',
    ({ customer }) => `/crm/customers/${customer}`,
    (page) => named(page, 'button', /פעולות נוספות|More actions/).click(),
  ],
  [
    'in place',
    ({ customer }) => `/crm/customers/${customer}`,
    (page) => named(page, 'button', /עריכת הערות|Edit Notes/).click(),
  ],
  [
    'invitation',
    () => '/business?section=team',
    async (page) => {
      await named(page, 'button', /הזמנה לצוות|Invite/).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(/^שם$|^Name$/).fill('יעל כהן');
      await dialog.getByLabel(/דוא״ל|mail/i).fill(`yael${Date.now()}@example.com`);
      await dialog.getByRole('button', { name: /יצירת הקישור|Make the link/ }).click();
      await dialog.getByLabel(/קישור ההזמנה|Invitation link/).waitFor();
    },
  ],
  [
    'conversation about its customer',
    ({ thread }) => `/inbox?thread=${thread}`,
    // On a wide window the card stands beside the conversation.
    async (page) => {
      const card = named(page, 'button', /פרטי הלקוח|About the customer/);
      if (await card.isVisible()) await card.click();
    },
  ],
  [
    'connection warning',
    () => '/business?section=whatsapp',
    async (page, server, places) => {
      await unlinked(page, server, places);
      await named(page, 'button', LINK_PHONE).click();
    },
  ],
  [
    'connection',
    () => '/business?section=whatsapp',
    async (page, server, places) => {
      await unlinked(page, server, places);
      await toCode(page);
    },
  ],
  [
    'connection made',
    () => '/business?section=whatsapp',
    async (page, server, places) => {
      await unlinked(page, server, places);
      await toCode(page);
      await server.carrier('bridge', 'PUT', `sessions/${places.business}`, {});
      await page.getByRole('dialog').getByRole('radio').first().waitFor();
    },
  ],
  ['link', ({ hidden }) => `/calls/${hidden}`, (page) => named(page, 'button', /שיוך ללקוח|Link to a customer/).click()],
];

const FILE = 'שם,טלפון\r\nרינה שקד,052-7000001\r\nבלי מספר,123\r\n';

/** A small file was brought in, of which one row was not taken. */
async function bringIn(server) {
  const form = new FormData();
  form.append('file', new Blob([FILE], { type: 'text/csv' }), 'לקוחות.csv');
  const { id } = await server.upload('/api/crm/customers/import', form);
  await until('the import', async () => (await server.api('GET', `/api/crm/imports/${id}`)).status === 'done');
  return id;
}

const CUSTOMERS = [
  { name: 'ישראל ישראלי', phone: '052-1234567', status: 'qualified', address: 'הרצל 12, רחובות', tags: ['אינסטלציה'] },
  { name: 'מיכל אברהמי', phone: '054-7654321', email: 'michal@example.com', notes: 'מעדיפה שיחות אחרי 16:00' },
  { name: 'Acme Ltd', phone: '+442071234567', company: 'Acme', status: 'customer' },
  { name: 'משה בן־דוד', status: 'contacted' },
  { name: 'אלנה פטרוב', phone: '050-2223344', status: 'inactive' },
];

const TASKS = [
  { title: 'לשלוח הצעת מחיר', in_hours: 3 },
  { title: 'לחזור לגבי הנזילה מהגג', in_hours: -2 },
  { title: 'Order tiles for Acme', in_hours: 5 },
];

const DEALS = [
  { title: 'שיפוץ מטבח', amount_minor: 8_500_000, expected_close: '2026-12-15', stage: 0 },
  { title: 'Bathroom tiles for Acme', amount_minor: 1_234_050, stage: 0 },
  { title: 'החלפת צנרת בבניין משותף', amount_minor: 3_200_000, expected_close: '2026-10-01', stage: 1 },
  { title: 'ריצוף מרפסת', stage: 2 },
];

async function makeDeals(server, customers) {
  const [{ stages }] = (await server.api('GET', '/api/pipelines')).results;
  const made = [];
  for (const [at, { stage, ...deal }] of DEALS.entries()) {
    const body = { ...deal, stage_id: stages[stage].id, customer_id: customers[at].id };
    made.push(await server.api('POST', '/api/deals', body));
  }
  await server.api('POST', `/api/deals/${made[1].id}/lose`, { reason: 'המחיר' });
  return made;
}

/** Two people wrote; one was answered. Returns the id of that conversation. */
async function write(server, business) {
  const say = (from, name, text, at) => server.carrier('bridge', 'POST', `inbound/${business}`, { from, name, text, at });
  await server.carrier('bridge', 'PUT', 'plan', { statuses: ['sent', 'delivered', 'read'], delay_ms: 0 });
  await say('+972547654321', 'מיכל אברהמי', 'תודה רבה, מחכה לטלפון מכם');
  await say('+972521234567', 'ישראל ישראלי', 'שלום, מתי אפשר להגיע לראות את המטבח?');
  const thread = await until('the conversation', async () => {
    const { results } = await server.api('GET', '/api/crm/threads?q=521234567');
    return results[0]?.id;
  });
  await server.api('POST', '/api/whatsapp/send', { thread_id: thread, text: 'שלום ישראל, מחר בעשר נוח?' });
  await say('+972521234567', 'ישראל ישראלי', 'מצוין, הכתובת הרצל 12 ברחובות', Math.ceil(Date.now() / 1000));
  return thread;
}

/** Two calls, one of which waits for a callback, and some customers and tasks. Returns what to look at. */
export async function furnish(server) {
  await keepOpen(server);
  const made = [];
  for (const customer of CUSTOMERS) made.push(await server.api('POST', '/api/crm/customers', customer));
  for (const [at, { title, in_hours }] of TASKS.entries()) {
    await server.api('POST', '/api/tasks', {
      title,
      customer_id: made[at].id,
      due_at: new Date(Date.now() + in_hours * 3_600_000).toISOString(),
    });
  }
  const deals = await makeDeals(server, made);
  await Promise.all([
    server.call('--skip-play', '--turns', '3', '--from', '+972521234567').done,
    server.call('--skip-play', '--say', 'person', '--from', '+972547654321').done,
    server.call('--skip-play', '--drop-after', '3', '--hidden').done,
  ]);
  const [{ id: author, business_id: business }] = (await server.api('GET', '/api/users')).results;
  // Without a way to WhatsApp nobody writes.
  const thread = server.whatsapp ? await write(server, business) : undefined;
  // What rang meanwhile was seen: no alarm stands over the pages.
  await server.api('POST', '/api/notifications/read', { all: true });
  const calls = await server.api('GET', '/api/crm/calls');
  const [call] = calls.results.filter(({ customer_id }) => customer_id === made[0].id);
  const [hidden] = calls.results.filter(({ caller_hidden }) => caller_hidden);
  const text = 'לבדוק מול @דנה לוי מתי מגיעים החלקים';
  await server.api('POST', `/api/crm/customers/${made[0].id}/notes`, { text, mentions: [author] });
  await server.api('POST', '/api/custom_fields', { label: 'קומה', kind: 'number' });
  await server.api('POST', '/api/customer_statuses', { label: 'ממתין להצעה' });
  const filters = { status: 'qualified' };
  await server.api('POST', '/api/views', { entity: 'customers', name: 'רלוונטיים', shared: true, filters });
  const imported = await bringIn(server);
  return {
    business,
    thread,
    import: imported,
    customer: made[0].id,
    company: made[2].id,
    call: call.id,
    hidden: hidden.id,
    deal: deals[0].id,
  };
}
