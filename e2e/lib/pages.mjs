/** The pages, and a business in which something has happened. */

export const PAGES = [
  ['sign-in', () => '/login'],
  ['accessibility', () => '/accessibility'],
  ['today', () => '/crm'],
  ['waiting', () => '/calls'],
  ['calls', () => '/calls?view=all'],
  ['call', ({ call }) => `/calls/${call}`],
  ['test call', () => '/test-call'],
  ['customers', () => '/crm/customers'],
  ['customer', ({ customer }) => `/crm/customers/${customer}`],
  ['timeline', ({ customer }) => `/crm/customers/${customer}?tab=timeline`],
  ['calls of a customer', ({ customer }) => `/crm/customers/${customer}?tab=calls`],
  ['no such page', () => '/no-such-page'],
];

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

/** Two calls, one of which waits for a callback, and some customers and tasks. Returns what to look at. */
export async function furnish(server) {
  const made = [];
  for (const customer of CUSTOMERS) made.push(await server.api('POST', '/api/crm/customers', customer));
  for (const [at, { title, in_hours }] of TASKS.entries()) {
    await server.api('POST', '/api/tasks', {
      title,
      customer_id: made[at].id,
      due_at: new Date(Date.now() + in_hours * 3_600_000).toISOString(),
    });
  }
  await Promise.all([
    server.call('--skip-play', '--turns', '3', '--from', '+972521234567').done,
    server.call('--skip-play', '--say', 'person', '--from', '+972547654321').done,
    server.call('--skip-play', '--drop-after', '3', '--hidden').done,
  ]);
  const calls = await server.api('GET', `/api/crm/calls?customer_id=${made[0].id}`);
  return { customer: made[0].id, call: calls.results[0].id };
}
