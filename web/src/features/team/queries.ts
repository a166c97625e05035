import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { User } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';

export const ROLES = ['owner', 'manager', 'agent'] as const;
/** Those of the platform's own list. */
export const ALL_ROLES = ['admin', ...ROLES] as const;
export type Role = (typeof ROLES)[number];

/** Who stands in the business's list, those who were deactivated included. */
export const everybodyQuery = queryOptions({
  queryKey: keys.everybody,
  queryFn: () =>
    take(api.GET('/api/users', { params: { query: { active: 'all', limit: '100', sort: 'name' } } })),
});

/** The people of all businesses, as far as one page of the list goes: for names and menus. */
export const allPeopleQuery = queryOptions({
  queryKey: keys.platform.people({ all: true }),
  queryFn: () =>
    take(api.GET('/api/users', { params: { query: { active: 'all', limit: '100', sort: 'name' } } })),
});

const RANK: Record<string, number> = { agent: 0, manager: 1, owner: 2, admin: 3 };

/** Nobody makes or changes a person of a higher role than their own. */
export function mayChange(own: string, other: string): boolean {
  return (RANK[own] ?? 0) >= (RANK[other] ?? 0);
}

const one = (user: User) => ({ params: { path: { id: user.id } } });

/** Everything that is done to somebody of the team; the list is fetched anew after each. */
export function useTeam() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const shared = {
    onError: (error: unknown) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.users }),
  };
  const role = useMutation({
    ...shared,
    mutationFn: ({ user, role }: { user: User; role: string }) =>
      take(api.PATCH('/api/users/{id}', { ...one(user), body: { role } })),
    onSuccess: (after, { user }) => {
      const words = { name: user.name, role: t(`shell.role.${after.role as (typeof ALL_ROLES)[number]}`) };
      say(t('team.roleChanged', words), () => role.mutate({ user, role: user.role }));
    },
  });
  const available = useMutation({
    ...shared,
    mutationFn: ({ user, available }: { user: User; available: boolean }) =>
      take(api.PATCH('/api/users/{id}', { ...one(user), body: { available } })),
    onSuccess: (after, { user }) =>
      say(t('team.availableDone', { name: user.name }), () =>
        available.mutate({ user, available: !after.available }),
      ),
  });
  const reactivate = useMutation({
    ...shared,
    mutationFn: (user: User) => take(api.POST('/api/users/{id}/reactivate', one(user))),
    onSuccess: (_, { name }) => say(t('team.reactivated', { name })),
  });
  const takeBack = useMutation({
    ...shared,
    mutationFn: (user: User) => take(api.DELETE('/api/users/{id}/invite', one(user))),
    onSuccess: (_, { name }) => say(t('team.takenBack', { name })),
  });
  const resetMail = useMutation({
    ...shared,
    mutationFn: (user: User) => take(api.POST('/api/users/{id}/reset_password', one(user))),
    onSuccess: ({ status }, { name }) =>
      say(t(status === 'queued' ? 'team.resetMailed' : 'team.resetMailedBefore', { name })),
  });
  return { role, available, reactivate, takeBack, resetMail };
}
