import { screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { queryClient } from '@/api/queries';
import { EVENTS } from '@/realtime/events';
import { openPage } from './page';
import { at, EVERYTHING, listed, refuse, server, session, waiting } from './server';

const PLACE = '/calls?view=waiting';
const OVER = 'ההתחברות הסתיימה';

/** A server that does not know the session any more until somebody has signed in. */
function forgetful() {
  const state = { knows: true, renewals: 0, me: session() };
  const known = <T extends object>(answer: () => T) =>
    state.knows ? HttpResponse.json(answer()) : refuse(401, 'unauthorized');
  server.use(
    http.get(at('/api/auth/me'), () => known(() => state.me)),
    http.get(at('/api/calls/waiting'), () => known(() => listed(waiting()))),
    http.post(at('/api/auth/refresh'), () => {
      state.renewals += 1;
      return known(() => state.me);
    }),
    http.post(at('/api/auth/login'), () => {
      state.knows = true;
      return HttpResponse.json(state.me);
    }),
  );
  return state;
}

async function ended() {
  EVENTS['session:ended']?.(queryClient, {} as never);
  return screen.findByText(OVER);
}

describe('a session that is over', () => {
  it('is said on the page that stands, and leads back to it', async () => {
    const known = forgetful();
    const { user, router } = await openPage(PLACE);
    await screen.findByText('שני ניסיונות');
    known.knows = false;
    await queryClient.invalidateQueries();
    await screen.findByText(OVER);
    expect(screen.getByText('שני ניסיונות')).toBeTruthy();
    await queryClient.invalidateQueries();
    expect(known.renewals).toBe(1);
    await user.click(screen.getByRole('link', { name: 'להתחבר שוב' }));
    await user.type(await screen.findByLabelText('דוא״ל'), 'dana@example.com');
    await user.type(screen.getByLabelText('סיסמה'), 'a long password');
    await user.click(screen.getByRole('button', { name: 'כניסה' }));
    await screen.findByText('שני ניסיונות');
    expect(router.state.location.pathname).toBe('/calls');
    expect(screen.queryByText(OVER)).toBeNull();
  });

  it('is told by the server, and whoever goes on is asked to sign in', async () => {
    forgetful();
    const { user, router } = await openPage(PLACE);
    await screen.findByText('שני ניסיונות');
    await ended();
    await user.click(screen.getByRole('link', { name: 'לקוחות' }));
    await screen.findByText(/^החיבור הסתיים/);
    expect(router.state.location.search).toEqual({ next: '/crm/customers', ended: true });
  });

  it('goes on where one has signed in again in another window', async () => {
    const known = forgetful();
    await openPage(PLACE);
    await screen.findByText('שני ניסיונות');
    known.knows = false;
    await ended();
    window.dispatchEvent(new Event('focus'));
    await waitFor(() => expect(known.renewals).toBe(1));
    expect(screen.getByText(OVER)).toBeTruthy();
    known.knows = true;
    window.dispatchEvent(new Event('focus'));
    await waitFor(() => expect(screen.queryByText(OVER)).toBeNull());
  });
});

describe('acting in another name', () => {
  it('that ended by itself is said until one has seen it', async () => {
    let seen = 0;
    server.use(
      http.get(at('/api/auth/me'), () =>
        HttpResponse.json({ ...session([...EVERYTHING, 'admin:impersonate']), impersonation_ended: true }),
      ),
      http.get(at('/api/notifications/preferences'), () => refuse(404, 'not_found')),
      http.delete(at('/api/admin/impersonate'), () => {
        seen += 1;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = await openPage('/notifications');
    await screen.findByText('הכניסה בשם העסק הסתיימה');
    await user.click(screen.getByRole('button', { name: 'הבנתי' }));
    await waitFor(() => expect(seen).toBe(1));
  });
});
