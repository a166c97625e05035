import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { openPage } from './page';
import { at, call, customer, EVERYTHING, listed, refuse, server, session, waiting } from './server';

const SLOW_MS = 4_000;

describe('signing in', () => {
  it('leads back to the page that was asked for', async () => {
    let signedIn = false;
    server.use(
      http.get(at('/api/auth/me'), () =>
        signedIn ? HttpResponse.json(session()) : refuse(401, 'unauthorized'),
      ),
      http.post(at('/api/auth/refresh'), () => refuse(401, 'unauthorized')),
      http.post(at('/api/auth/login'), async ({ request }) => {
        expect(await request.json()).toEqual({ email: 'dana@example.com', password: 'a long password' });
        signedIn = true;
        return HttpResponse.json(session());
      }),
    );
    const { user, router } = await openPage('/crm/customers');
    await user.type(await screen.findByLabelText('דוא״ל'), 'dana@example.com');
    await user.type(screen.getByLabelText('סיסמה'), 'a long password');
    await user.click(screen.getByRole('button', { name: 'כניסה' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/crm/customers'), { timeout: SLOW_MS });
  });

  it('says the same for a wrong e-mail and a wrong password', async () => {
    server.use(
      http.get(at('/api/auth/me'), () => refuse(401, 'unauthorized')),
      http.post(at('/api/auth/refresh'), () => refuse(401, 'unauthorized')),
      http.post(at('/api/auth/login'), () => refuse(401, 'unauthorized')),
    );
    const { user } = await openPage('/login');
    await user.type(await screen.findByLabelText('דוא״ל'), 'a@b.co');
    await user.type(screen.getByLabelText('סיסמה'), 'whatever it is');
    await user.click(screen.getByRole('button', { name: 'כניסה' }));
    expect((await screen.findByRole('alert')).textContent).toContain('הדוא״ל או הסיסמה אינם נכונים');
  });

  it('shows only what the person may see', async () => {
    server.use(
      http.get(at('/api/auth/me'), () => HttpResponse.json(session(['session:own', 'customers:read']))),
    );
    await openPage('/crm');
    const navigation = await screen.findByRole('navigation', { name: 'ניווט ראשי' });
    expect(within(navigation).queryByText('שיחות')).toBeNull();
    expect(within(navigation).getByText('לקוחות')).toBeTruthy();
  });
});

describe('calls', () => {
  it('open on those who wait, and handling one takes it off the list', async () => {
    let handled = false;
    server.use(
      http.get(at('/api/calls/waiting'), () => HttpResponse.json(handled ? listed() : listed(waiting()))),
      http.post(at('/api/calls/7/handle'), () => {
        handled = true;
        return HttpResponse.json(call());
      }),
    );
    const { user } = await openPage('/calls');
    expect(await screen.findByText('שני ניסיונות')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'סימון כטופל' }));
    expect(await screen.findByText('אף אחד לא ממתין לחזרה')).toBeTruthy();
  });

  it('say who has a callback in hand when it was claimed first', async () => {
    server.use(
      http.get(at('/api/calls/waiting'), () => HttpResponse.json(listed(waiting()))),
      http.post(at('/api/calls/7/claim'), () => refuse(409, 'claimed')),
    );
    const { user } = await openPage('/calls');
    await user.click(await screen.findByRole('button', { name: 'לטיפולי' }));
    expect(await screen.findByText('מישהו אחר כבר מטפל בשיחה הזו.')).toBeTruthy();
  });

  it('show a hidden caller as one, never an empty number', async () => {
    const hidden = call({ customer_id: null, customer_name: null, caller_hidden: true, from_number: '' });
    server.use(http.get(at('/api/crm/calls'), () => HttpResponse.json(listed(hidden))));
    await openPage('/calls?view=all');
    expect(await screen.findByText('מספר חסוי')).toBeTruthy();
  });

  it('that are over show transcript, timings and what the agent did', async () => {
    const turn = {
      turn_id: 1,
      caller_text: 'כמה עולה שיפוץ?',
      agent_text: 'תלוי בגודל.',
      caller_from_ms: 1000,
      caller_to_ms: 2500,
      agent_from_ms: 3200,
      agent_to_ms: 5000,
      t_audio_ms: 100,
      t_nlp_ms: 400,
      t_tts_ms: 200,
      t_total_ms: 700,
      mode: 'realtime',
      interrupted: true,
      tools: [{ name: 'save_contact', summary: 'ישראל', ok: true }],
    };
    server.use(http.get(at('/api/crm/calls/7'), () => HttpResponse.json(call({ turns: [turn] }))));
    await openPage('/calls/7');
    expect(await screen.findByText('כמה עולה שיפוץ?')).toBeTruthy();
    expect(screen.getByText('תלוי בגודל.')).toBeTruthy();
    expect(screen.getByText('נרשמו פרטים')).toBeTruthy();
    expect(screen.getAllByText('0.7 שנ׳').length).toBeGreaterThan(0);
    expect(screen.getByText('לשיחה הזו אין הקלטה')).toBeTruthy();
  });
});

describe('customers', () => {
  it('are created from the list and opened', async () => {
    server.use(
      http.post(at('/api/crm/customers'), async ({ request }) => {
        expect(await request.json()).toEqual({ name: 'רות כהן', phone: '052-123-4567' });
        return HttpResponse.json(
          { ...customer({ id: 9, name: 'רות כהן' }), possible_duplicates: [] },
          { status: 201 },
        );
      }),
      http.get(at('/api/crm/customers/9'), () => HttpResponse.json(customer({ id: 9, name: 'רות כהן' }))),
    );
    const { user } = await openPage('/crm/customers');
    await screen.findByText('עדיין אין לקוחות');
    await user.click(screen.getAllByRole('button', { name: 'לקוח חדש' })[0] as HTMLElement);
    await user.type(await screen.findByLabelText('שם'), 'רות כהן');
    await user.type(screen.getByLabelText('טלפון'), '052-123-4567');
    await user.click(screen.getByRole('button', { name: 'שמירה' }));
    expect(await screen.findByRole('heading', { name: 'רות כהן' }, { timeout: SLOW_MS })).toBeTruthy();
  });

  it('whose phone is taken lead to the one who has it', async () => {
    server.use(http.post(at('/api/crm/customers'), () => refuse(409, 'duplicate_phone', { existing_id: 4 })));
    const { user } = await openPage('/crm/customers');
    await screen.findByText('עדיין אין לקוחות');
    await user.click(screen.getAllByRole('button', { name: 'לקוח חדש' })[0] as HTMLElement);
    await user.type(await screen.findByLabelText('שם'), 'רות');
    await user.click(screen.getByRole('button', { name: 'שמירה' }));
    expect(await screen.findByText('המספר הזה כבר שמור אצל לקוח אחר.')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'פתיחת הלקוח הקיים' }).getAttribute('href')).toBe(
      '/crm/customers/4',
    );
  });

  it('are edited in place, naming the version that was seen', async () => {
    let saved: unknown;
    let version: string | null = null;
    server.use(
      http.get(at('/api/crm/customers/1'), () => HttpResponse.json(customer(), { headers: { ETag: '"3"' } })),
      http.patch(at('/api/crm/customers/1'), async ({ request }) => {
        saved = await request.json();
        version = request.headers.get('If-Match');
        return HttpResponse.json(customer({ company: 'אחים לוי' }), { headers: { ETag: '"4"' } });
      }),
    );
    const { user } = await openPage('/crm/customers/1');
    await user.click(await screen.findByRole('button', { name: /עריכת חברה/ }));
    await user.type(screen.getByLabelText('חברה'), 'אחים לוי{Enter}');
    expect(await screen.findByText('אחים לוי')).toBeTruthy();
    await waitFor(() => expect(saved).toEqual({ company: 'אחים לוי' }));
    expect(version).toBe('"3"');
  });

  it('changed by someone else meanwhile are not overwritten', async () => {
    server.use(
      http.get(at('/api/crm/customers/1'), () => HttpResponse.json(customer(), { headers: { ETag: '"3"' } })),
      http.patch(at('/api/crm/customers/1'), () => refuse(412, 'stale')),
    );
    const { user } = await openPage('/crm/customers/1');
    await user.click(await screen.findByRole('button', { name: /עריכת חברה/ }));
    await user.type(screen.getByLabelText('חברה'), 'x{Enter}');
    expect(await screen.findByText(/הרשומה השתנתה בינתיים/)).toBeTruthy();
  });

  it('that do not load say so in Hebrew, with the request id', async () => {
    server.use(http.get(at('/api/crm/customers'), () => refuse(500, 'internal', { request_id: 'req-list' })));
    await openPage('/crm/customers');
    expect(await screen.findByText('req-list')).toBeTruthy();
    expect(screen.getByText('משהו השתבש אצלנו. דבר לא נמחק; נסו שוב בעוד רגע.')).toBeTruthy();
  });
});

describe('today', () => {
  it('offers the first call while there was none', async () => {
    await openPage('/crm');
    expect(await screen.findByText('המענה מוכן. רוצים לשמוע אותו?')).toBeTruthy();
  });

  it('says when only the basic voice answers', async () => {
    server.use(
      http.get(at('/api/voice/engines'), () =>
        HttpResponse.json({
          stt: [],
          llm: [],
          tts: [],
          basic_voice_only: true,
          transcribes: false,
          converses: true,
          telephony: false,
        }),
      ),
    );
    await openPage('/crm');
    expect(await screen.findByText('פועל רק הקול הבסיסי')).toBeTruthy();
    expect(screen.getByText('אין עדיין שירות תמלול')).toBeTruthy();
    expect(screen.queryByText('בטלפון עוד אין שיחה חופשית')).toBeNull();
  });

  it('says that calls are no conversations, and how they become such', async () => {
    server.use(
      http.get(at('/api/auth/me'), () => HttpResponse.json(session([...EVERYTHING, 'settings:write']))),
      http.get(at('/api/voice/engines'), () =>
        HttpResponse.json({
          stt: [],
          llm: [],
          tts: [],
          basic_voice_only: false,
          transcribes: true,
          converses: false,
          telephony: true,
        }),
      ),
    );
    const { user } = await openPage('/crm');
    expect(await screen.findByText('בטלפון עוד אין שיחה חופשית')).toBeTruthy();
    await user.click(screen.getByText('איך מחברים'));
    expect(screen.getByText('PUBLIC_BASE_URL=https://calls.example.com')).toBeTruthy();
  });

  it('takes a completed task back', async () => {
    const task = {
      id: 5,
      business_id: 1,
      title: 'לחזור לרות',
      status: 'open',
      priority: 'normal',
      source: 'manual',
      due_at: '2026-11-20T08:00:00Z',
      created_at: '2026-11-20T07:00:00Z',
      updated_at: '2026-11-20T07:00:00Z',
    };
    const asked: string[] = [];
    server.use(
      http.get(at('/api/tasks'), () => HttpResponse.json(listed(task))),
      http.post(at('/api/tasks/5/:act'), ({ params }) => {
        asked.push(String(params.act));
        return HttpResponse.json(task);
      }),
    );
    const { user } = await openPage('/crm');
    await user.click(await screen.findByRole('button', { name: 'סימון כבוצע: לחזור לרות' }));
    await user.click(await screen.findByRole('button', { name: 'ביטול הפעולה' }));
    await waitFor(() => expect(asked).toEqual(['complete', 'reopen']));
  });
});
