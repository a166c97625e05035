/** The places one can go; only what exists, and only what this person may see. */
import { useQuery } from '@tanstack/react-query';
import { Handshake, House, Inbox, type LucideIcon, Phone, SquareCheck, UsersRound } from 'lucide-react';
import { clockTime } from '@/format/dates';
import { useNow, useZone } from '@/format/use-format';
import { dueCountQuery, unreadCountQuery, waitingCountQuery } from '@/session/counts';
import { allows, useSession } from '@/session/session';

export interface Place {
  to: '/crm' | '/inbox' | '/calls' | '/crm/customers' | '/deals' | '/tasks';
  label: 'shell.today' | 'shell.inbox' | 'shell.calls' | 'shell.customers' | 'shell.deals' | 'shell.tasks';
  icon: LucideIcon;
  /** How many wait there. */
  count?: number;
  /** What the count counts, for those who hear it. */
  counts?: 'shell.unreadBadge' | 'shell.waitingBadge' | 'shell.dueBadge';
  /** On a phone it stands under «more». */
  more?: boolean;
  /** After G, the key that goes there. */
  key?: string;
}

export function usePlaces(): Place[] {
  const session = useSession();
  const mayCalls = allows(session, 'calls:read');
  const { data: waiting } = useQuery({ ...waitingCountQuery, enabled: mayCalls });
  const mayTasks = allows(session, 'tasks:read');
  const midnight = clockTime(useZone(), useNow(), 1, 0).toISOString();
  const { data: due } = useQuery({ ...dueCountQuery(midnight), enabled: mayTasks });
  const mayThreads = allows(session, 'threads:read');
  const { data: unread } = useQuery({ ...unreadCountQuery, enabled: mayThreads });
  const places: Place[] = [{ to: '/crm', label: 'shell.today', icon: House, key: 'd' }];
  if (mayThreads) {
    places.push({
      to: '/inbox',
      label: 'shell.inbox',
      icon: Inbox,
      key: 'i',
      ...(unread ? { count: unread, counts: 'shell.unreadBadge' as const } : {}),
    });
  }
  if (mayCalls) {
    places.push({
      to: '/calls',
      label: 'shell.calls',
      icon: Phone,
      key: 'c',
      ...(waiting ? { count: waiting, counts: 'shell.waitingBadge' as const } : {}),
    });
  }
  if (allows(session, 'customers:read')) {
    places.push({ to: '/crm/customers', label: 'shell.customers', icon: UsersRound, key: 'u' });
  }
  if (allows(session, 'deals:read')) {
    places.push({ to: '/deals', label: 'shell.deals', icon: Handshake, more: true, key: 's' });
  }
  if (mayTasks) {
    places.push({
      to: '/tasks',
      label: 'shell.tasks',
      icon: SquareCheck,
      more: true,
      key: 't',
      ...(due ? { count: due, counts: 'shell.dueBadge' as const } : {}),
    });
  }
  return places;
}
