/** The places one can go; only what exists, and only what this person may see. */
import { useQuery } from '@tanstack/react-query';
import { House, type LucideIcon, Phone, UsersRound } from 'lucide-react';
import { waitingCountQuery } from '@/session/counts';
import { allows, useSession } from '@/session/session';

export interface Place {
  to: '/crm' | '/calls' | '/crm/customers';
  label: 'shell.today' | 'shell.calls' | 'shell.customers';
  icon: LucideIcon;
  /** How many wait there. */
  count?: number;
}

export function usePlaces(): Place[] {
  const session = useSession();
  const mayCalls = allows(session, 'calls:read');
  const { data: waiting } = useQuery({ ...waitingCountQuery, enabled: mayCalls });
  const places: Place[] = [{ to: '/crm', label: 'shell.today', icon: House }];
  if (mayCalls) {
    places.push({
      to: '/calls',
      label: 'shell.calls',
      icon: Phone,
      ...(waiting ? { count: waiting } : {}),
    });
  }
  if (allows(session, 'customers:read')) {
    places.push({ to: '/crm/customers', label: 'shell.customers', icon: UsersRound });
  }
  return places;
}
