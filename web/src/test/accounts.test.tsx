import { screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { openPage } from './page';
import { at, refuse, server, session } from './server';

const EVERYTHING = ['session:own', 'account:own', 'api_keys:manage', 'users:write', 'settings:write'];

describe('the second factor', () => {
  it('is asked for after the password, and a wrong code may be written again', async () => {
    const codes: unknown[] = [];
    server.use(
      http.get(at('/api/auth/me'), () => refuse(401, 'unauthorized')),
      http.post(at('/api/auth/refresh'), () => refuse(401, 'unauthorized')),
      http.post(at('/api/auth/login'), async ({ request }) => {
        const { totp } = (await request.json()) as { totp?: string };
        codes.push(totp);
        if (!totp) return refuse(401, 'totp_required');
        return totp === '123456' ? HttpResponse.json(session()) : refuse(401, 'unauthorized');
      }),
    );
    const { user, router } = await openPage('/login?next=%2Faccessibility');
    await user.type(await screen.findByLabelText('דוא״ל'), 'dana@example.com');
    await user.type(screen.getByLabelText('סיסמה'), 'a long password');
    await user.click(screen.getByRole('button', { name: 'כניסה' }));
    await user.type(await screen.findByLabelText('קוד אימות'), '000000{Enter}');
    expect(await screen.findByText(/הקוד אינו נכון, או שכבר נוצל/)).toBeTruthy();
    await user.clear(screen.getByLabelText('קוד אימות'));
    await user.type(screen.getByLabelText('קוד אימות'), '123456{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/accessibility'));
    expect(codes).toEqual([undefined, '000000', '123456']);
  });

  it('shows the recovery codes once it is on', async () => {
    server.use(
      http.get(at('/api/auth/sessions'), () =>
        HttpResponse.json({ results: [], page: 1, pages: 1, total: 0, limit: 50 }),
      ),
      http.get(at('/api/auth/totp'), () => HttpResponse.json({ on: false, recovery_codes_left: 0 })),
      http.post(at('/api/auth/totp/enroll'), () =>
        HttpResponse.json({ secret: 'JBSWY3DP', otpauth_uri: 'otpauth://totp/x', qr_svg: '<svg/>' }),
      ),
      http.post(at('/api/auth/totp/verify'), () => HttpResponse.json({ recovery_codes: ['aaaa-1111'] })),
    );
    const { user } = await openPage('/business?section=security');
    await user.click(await screen.findByRole('button', { name: 'הפעלת אימות דו־שלבי' }));
    expect(await screen.findByText('JBSWY3DP')).toBeTruthy();
    await user.type(screen.getByLabelText('קוד מהאפליקציה'), '123456{Enter}');
    expect(await screen.findByText('aaaa-1111')).toBeTruthy();
  });
});

describe('a forgotten password', () => {
  it('whose link was used leads to a new one', async () => {
    server.use(
      http.post(at('/api/auth/password/reset'), () =>
        refuse(422, 'invalid', { errors: [{ field: 'token', code: 'invalid_token', message: '' }] }),
      ),
    );
    const { user } = await openPage('/reset?token=old');
    await user.type(await screen.findByLabelText('סיסמה'), 'a horse named battery{Enter}');
    expect(await screen.findByText('הקישור כבר לא תקף')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'בקשת קישור חדש' }).getAttribute('href')).toBe('/forgot');
  });
});

describe('an API key', () => {
  it('is made for what was chosen, and its secret is shown', async () => {
    let asked: unknown;
    server.use(
      http.get(at('/api/auth/me'), () => HttpResponse.json(session(EVERYTHING))),
      http.get(at('/api/api_keys'), () =>
        HttpResponse.json({ results: [], page: 1, pages: 1, total: 0, limit: 100 }),
      ),
      http.post(at('/api/api_keys'), async ({ request }) => {
        asked = await request.json();
        return HttpResponse.json({ id: 1, name: 'site', scopes: [], secret: 'alk_once' }, { status: 201 });
      }),
    );
    const { user } = await openPage('/business?section=keys');
    await user.click(await screen.findByRole('button', { name: 'מפתח חדש' }));
    await user.type(await screen.findByLabelText('שם המפתח'), 'site');
    await user.click(screen.getByRole('button', { name: 'יצירת המפתח' }));
    expect(await screen.findByText('בחרו לפחות דבר אחד.')).toBeTruthy();
    await user.click(screen.getByLabelText('לקוחות: קריאה'));
    await user.click(screen.getByRole('button', { name: 'יצירת המפתח' }));
    expect(await screen.findByDisplayValue('alk_once')).toBeTruthy();
    expect(asked).toEqual({ name: 'site', scopes: ['customers:read'] });
  });
});
