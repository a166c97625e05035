import { screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { expect, it } from 'vitest';
import { openPage } from './page';
import { at, customer, server } from './server';

const TOTAL = 250;

/** A list of which each page is asked for by itself. */
function serveMany(asked: URLSearchParams[]) {
  return http.get(at('/api/crm/customers'), ({ request }) => {
    const query = new URL(request.url).searchParams;
    asked.push(query);
    const first = query.has('cursor')
      ? Number(query.get('cursor'))
      : (Number(query.get('page') ?? 1) - 1) * 100;
    const results = Array.from({ length: Math.min(100, TOTAL - first) }, (_, place) =>
      customer({ id: first + place + 1, name: `לקוח ${first + place + 1}` }),
    );
    const next_cursor = first + 100 < TOTAL ? String(first + 100) : null;
    return HttpResponse.json({ results, page: 1, pages: 3, total: TOTAL, limit: 100, next_cursor });
  });
}

it('of many customers only those in sight are drawn, and filters go to the server as they stand in the address', async () => {
  const asked: URLSearchParams[] = [];
  server.use(serveMany(asked));
  await openPage('/crm/customers?status=new&custom.floor=3');
  expect(await screen.findByText('לקוח 1')).toBeTruthy();
  expect(await screen.findByText('250 לקוחות')).toBeTruthy();
  expect(screen.queryByText('לקוח 90')).toBeNull();
  expect(asked[0]?.get('status')).toBe('new');
  expect(asked[0]?.get('custom.floor')).toBe('3');
});

it('a customer with that phone is shown, and what was typed can be added there', async () => {
  let written: unknown;
  server.use(
    http.post(at('/api/crm/customers'), () =>
      HttpResponse.json(
        { error: 'duplicate_phone', existing_id: 5, status: 409, title: 'x' },
        { status: 409, headers: { 'Content-Type': 'application/problem+json' } },
      ),
    ),
    http.get(at('/api/crm/customers/5'), () => HttpResponse.json(customer({ id: 5, emails: [] }))),
    http.patch(at('/api/crm/customers/5'), async ({ request }) => {
      written = await request.json();
      return HttpResponse.json(customer({ id: 5 }));
    }),
  );
  const { user, router } = await openPage('/crm/customers');
  await user.click((await screen.findAllByRole('button', { name: 'לקוח חדש' }))[0] as HTMLElement);
  await user.type(await screen.findByLabelText('שם'), 'ישראל');
  await user.type(screen.getByLabelText('טלפון'), '0521234567');
  await user.type(screen.getByLabelText('דוא״ל'), 'i@example.com');
  await user.click(screen.getByRole('button', { name: 'שמירה' }));
  await user.click(await screen.findByRole('button', { name: 'הוספת הפרטים ללקוח הקיים' }));
  await waitFor(() => expect(written).toEqual({ emails: ['i@example.com'] }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/crm/customers/5'));
});
