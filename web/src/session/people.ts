/** The people of the business, by id, for names and menus. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { User } from '@/api/types';

const LIMIT = 100;

export const peopleQuery = queryOptions({
  queryKey: keys.users,
  staleTime: 5 * 60_000,
  queryFn: () => take(api.GET('/api/users', { params: { query: asQuery({ limit: LIMIT }) } })),
});

export function usePeople(): { people: User[]; name: (id: number | null | undefined) => string | null } {
  const { data } = useQuery(peopleQuery);
  const people = data?.results ?? [];
  return { people, name: (id) => people.find((user) => user.id === id)?.name ?? null };
}
