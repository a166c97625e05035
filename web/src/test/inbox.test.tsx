import { screen, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, Thread } from '@/api/types';
import { openPage } from './page';
import { at, customer, listed, message, refuse, server, session, thread } from './server';

const MAY = [
  'session:own',
  'customers:read',
  'threads:read',
  'threads:write',
  'messages:read',
  'messages:send',
  'users:read',
];

let messages: Message[];

function business(one: Thread, available = ['baileys']) {
  server.use(
    http.get(at('/api/auth/me'), () => HttpResponse.json(session(MAY))),
    http.get(at('/api/crm/threads'), () => HttpResponse.json(listed(one))),
    http.get(at('/api/crm/threads/5'), () => HttpResponse.json(one)),
    http.get(at('/api/crm/threads/5/messages'), () => HttpResponse.json(listed(...[...messages].reverse()))),
    http.get(at('/api/crm/threads/5/notes'), () => HttpResponse.json(listed())),
    http.post(at('/api/crm/threads/5/typing'), () => new HttpResponse(null, { status: 204 })),
    http.get(at('/api/crm/customers/1'), () => HttpResponse.json(customer())),
    http.get(at('/api/whatsapp/provider'), () =>
      HttpResponse.json({ provider: available[0] ?? null, chosen: false, priority: available, available }),
    ),
  );
}

const out = (change: Partial<Message>) =>
  message({ direction: 'out', source: 'person', author_id: 2, ...change });

beforeEach(() => {
  messages = [message()];
});

describe('the inbox', () => {
  it('shows the list, opens a conversation, and marks it as read', async () => {
    const read: number[] = [];
    business(thread({ unread: 2 }));
    server.use(
      http.post(at('/api/crm/threads/5/read'), () => {
        read.push(5);
        return HttpResponse.json(thread());
      }),
    );
    const { user, router } = await openPage('/inbox');
    await user.click(await screen.findByRole('button', { name: /ישראל ישראלי.*2 הודעות|שתי הודעות חדשות/ }));
    expect(router.state.location.search).toEqual({ thread: 5 });
    const log = await screen.findByRole('log');
    within(log).getByText('שלום, מתי אפשר להגיע?');
    await expect.poll(() => read).toEqual([5]);
  });

  it('sends what is written with a key of its own, and says what was on the screen', async () => {
    const sent: { body: unknown; key: string | null }[] = [];
    business(thread());
    server.use(
      http.post(at('/api/whatsapp/send'), async ({ request }) => {
        sent.push({ body: await request.json(), key: request.headers.get('Idempotency-Key') });
        messages.push(out({ id: 12, text: 'מחר בעשר', status: 'sent' }));
        return HttpResponse.json({
          ok: true,
          id: 12,
          thread_id: 5,
          provider: 'baileys',
          status: 'sent',
          sid: null,
        });
      }),
    );
    const { user } = await openPage('/inbox?thread=5');
    await user.type(await screen.findByRole('textbox', { name: 'כתיבת הודעה' }), 'מחר בעשר{Enter}');
    const log = await screen.findByRole('log');
    await within(log).findByText('מחר בעשר');
    await within(log).findByText('נשלחה');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toEqual({ thread_id: 5, after_message_id: 11, text: 'מחר בעשר' });
    expect(sent[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps what one wrote when somebody else has answered, and sends it all the same when told to', async () => {
    const after: unknown[] = [];
    business(thread());
    server.use(
      http.post(at('/api/whatsapp/send'), async ({ request }) => {
        const body = (await request.json()) as { after_message_id: number };
        after.push(body.after_message_id);
        if (after.length === 1) {
          const newer = { id: 12, text: 'כבר עניתי', kind: 'text', author_id: 3, source: 'person' };
          return refuse(409, 'newer_message', { message: newer });
        }
        messages.push(out({ id: 13, text: 'מחר בעשר', status: 'sent' }));
        return HttpResponse.json({
          ok: true,
          id: 13,
          thread_id: 5,
          provider: 'baileys',
          status: 'sent',
          sid: null,
        });
      }),
    );
    const { user } = await openPage('/inbox?thread=5');
    const field = await screen.findByRole('textbox', { name: 'כתיבת הודעה' });
    await user.type(field, 'מחר בעשר{Enter}');
    const notice = await screen.findByRole('alert');
    within(notice).getByText('כבר עניתי');
    expect(field).toHaveProperty('value', 'מחר בעשר');
    await user.click(within(notice).getByRole('button', { name: 'שליחה בכל זאת' }));
    await within(await screen.findByRole('log')).findByText('נשלחה');
    expect(after).toEqual([11, 12]);
    expect(field).toHaveProperty('value', '');
  });

  it('says why a message did not go, and sends it once more', async () => {
    const why = 'המספר אינו מקבל הודעות וואטסאפ';
    messages.push(out({ id: 12, status: 'failed', error_code: '131026', error_text: why }));
    business(thread());
    server.use(
      http.post(at('/api/whatsapp/messages/12/retry'), () => {
        messages[1] = out({ id: 12, status: 'sent' });
        return HttpResponse.json(messages[1]);
      }),
    );
    const { user } = await openPage('/inbox?thread=5');
    await screen.findByText(why);
    await user.click(screen.getByRole('button', { name: 'שליחה חוזרת' }));
    await screen.findByText('נשלחה');
    expect(screen.queryByText(why)).toBeNull();
  });

  it('offers templates where the window has closed', async () => {
    business(thread({ provider: 'twilio', open_providers: ['baileys'] }), ['twilio']);
    await openPage('/inbox?thread=5');
    await screen.findByText(/עברו יותר מ־24 שעות/);
    expect(screen.queryByRole('textbox', { name: 'כתיבת הודעה' })).toBeNull();
    screen.getByRole('button', { name: 'בחירת תבנית' });
  });

  it('writes only notes where the customer asked to be left alone', async () => {
    business(thread());
    server.use(
      http.get(at('/api/crm/customers/1'), () => HttpResponse.json(customer({ do_not_contact: true }))),
    );
    await openPage('/inbox?thread=5');
    await screen.findByText(/הלקוח ביקש שלא ליצור איתו קשר/);
    screen.getByRole('textbox', { name: /הערה לצוות/ });
  });
});
