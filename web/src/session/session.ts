/** Who is signed in, for which business, and what they may do. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Session } from '@/api/types';

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  staleTime: 5 * 60_000,
  queryFn: async ({ client }): Promise<Session | null> => {
    try {
      return await take(api.GET('/api/auth/me'));
    } catch (error) {
      // A page that stands keeps whose it was: what to do about it is said at its top.
      const stands = client.getQueryData<Session | null>(keys.session);
      if (isProblem(error) && error.status === 401 && !stands) return null;
      throw error;
    }
  },
});

/** The session of a signed-in page; its route has loaded it already. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('this page needs a session');
  return data;
}

export function usePermission(permission: string): boolean {
  const session = useSession();
  return allows(session, permission);
}

export function allows(session: Session, permission: string): boolean {
  return session.permissions.includes(permission);
}
