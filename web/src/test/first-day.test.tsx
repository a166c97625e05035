/** What a new owner does on the first day. */
import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import { openPage } from './page';
import { at, EVERYTHING, ORIGIN, refuse, server, session } from './server';

const OWNER = [...EVERYTHING, 'users:write', 'settings:write', 'modules:write'];
const SETTINGS = {
  name: 'שורשים שיפוצים',
  language: 'he-IL',
  agent_gender: 'feminine',
  agent_prompt: null,
  facts: {},
  hours: {},
  holidays: [],
  holiday_rules: {},
  half_day_ends: '13:00',
  shabbat: {
    observe: false,
    city: 'jerusalem',
    start_minutes_before_sunset: 40,
    end_minutes_after_sunset: 50,
  },
  shabbat_mode: 'message',
  phone_numbers: [] as object[],
};

beforeEach(() => {
  localStorage.clear();
  server.use(
    http.get(at('/api/auth/me'), () => HttpResponse.json(session(OWNER))),
    http.get(at('/api/businesses/1/settings'), () => HttpResponse.json(SETTINGS)),
  );
});

describe('an invitation', () => {
  it('of a server that was told no public address leads to where this page came from', async () => {
    server.use(
      http.post(at('/api/users'), () =>
        HttpResponse.json(
          { name: 'יעל', invite_url: '/invite?token=abc', invite_expires_at: '2026-11-29T08:00:00Z' },
          { status: 201 },
        ),
      ),
    );
    const { user } = await openPage('/business?section=team');
    await user.click(await screen.findByRole('button', { name: 'הזמנה לצוות' }));
    await user.type(screen.getByLabelText('שם'), 'יעל');
    await user.type(screen.getByLabelText('דוא״ל'), 'yael@example.com');
    await user.click(screen.getByRole('button', { name: 'יצירת הקישור' }));
    const link = `${ORIGIN}/invite?token=abc`;
    expect(await screen.findByDisplayValue(link)).toBeTruthy();
    const whatsapp = screen.getByRole('link', { name: /WhatsApp/ }).getAttribute('href') ?? '';
    expect(decodeURIComponent(whatsapp)).toContain(link);
    expect(screen.getByText(/נפתח רק במחשב שבו פועל השרת/)).toBeTruthy();
  });
});

describe('a dialog over a list', () => {
  it('stays while what was typed into the search reaches the address, and leaves it there', async () => {
    const { user, router } = await openPage('/crm/customers');
    await user.type(await screen.findByRole('searchbox', { name: /^חיפוש לפי שם/ }), 'רות');
    await user.click(screen.getAllByRole('button', { name: 'לקוח חדש' })[0] as HTMLElement);
    const dialog = await screen.findByRole('dialog');
    await waitFor(() => expect(router.state.location.search).toEqual({ q: 'רות' }));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(dialog.isConnected).toBe(true);
    await user.click(within(dialog).getByRole('button', { name: 'חזרה' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(router.state.location.search).toEqual({ q: 'רות' });
  });
});

describe('the wizard', () => {
  it('keeps the trade and what was written while the hours are changed, and shows the way back', async () => {
    const { user, router } = await openPage('/welcome');
    await user.click(await screen.findByRole('radio', { name: 'מוסך' }));
    await user.type(screen.getByLabelText('מחיר בדיקה'), '150 שקל');
    await user.click(screen.getByRole('link', { name: 'שינוי השעות' }));
    await waitFor(() => expect(router.state.location.search).toEqual({ section: 'hours' }));
    await user.click(await screen.findByRole('link', { name: 'חזרה להכנה' }));
    expect(await screen.findByRole('radio', { name: 'מוסך', checked: true })).toBeTruthy();
    expect(screen.getByDisplayValue('150 שקל')).toBeTruthy();
  });

  it('ticks nothing that was passed over, and goes back', async () => {
    const { user } = await openPage('/welcome?step=call');
    await user.click(await screen.findByRole('button', { name: 'דילוג' }));
    await screen.findByRole('heading', { name: 'איך שיחות יגיעו לכאן?' });
    expect(screen.queryByRole('img', { name: 'בוצע' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'חזרה' }));
    expect(await screen.findByRole('heading', { name: 'עכשיו תשמעו אותו' })).toBeTruthy();
  });

  it('tells the number that customers know from the line, and says what to dial', async () => {
    const saved: unknown[] = [];
    let numbers: object[] = [];
    server.use(
      http.get(at('/api/businesses/1/settings'), () =>
        HttpResponse.json({ ...SETTINGS, phone_numbers: numbers }),
      ),
      http.patch(at('/api/businesses/1/settings'), async ({ request }) => {
        const { phone_numbers } = (await request.json()) as { phone_numbers: { number: string }[] };
        saved.push(phone_numbers);
        const [first, second] = phone_numbers;
        if (second?.number === '052-1234567')
          return refuse(422, 'invalid', {
            errors: [{ field: 'phone_numbers[1].number', code: 'duplicate', message: '' }],
          });
        numbers = [
          { ...first, number: '+972521234567' },
          ...(second ? [{ ...second, number: '+97236001122' }] : []),
        ];
        return HttpResponse.json({ ...SETTINGS, phone_numbers: numbers });
      }),
    );
    const { user } = await openPage('/welcome?step=number');
    await user.type(await screen.findByLabelText('המספר שהלקוחות מחייגים'), '052-1234567{Enter}');
    await waitFor(() => expect(saved).toEqual([[{ number: '052-1234567', voice: false, whatsapp: false }]]));
    const line = screen.getByLabelText('מספר הקו');
    await user.type(line, '052-1234567{Enter}');
    expect(await screen.findByText(/^זה אותו מספר\./)).toBeTruthy();
    await user.clear(line);
    await user.type(line, '03-6001122{Enter}');
    expect(await screen.findByText('**61*036001122#')).toBeTruthy();
    expect(screen.queryByText(/קו מוכן|הושלם|בוצע/)).toBeNull();
  });
});

describe('the parts of the system', () => {
  it('are those that have pages', async () => {
    const part = { licensed: true, on: true };
    server.use(
      http.get(at('/api/businesses/1/modules'), () =>
        HttpResponse.json({ crm: part, calls: part, whatsapp: part, billing: part }),
      ),
    );
    await openPage('/business?section=modules');
    expect(await screen.findByRole('switch', { name: 'WhatsApp' })).toBeTruthy();
    expect(screen.getAllByRole('switch')).toHaveLength(3);
  });
});
