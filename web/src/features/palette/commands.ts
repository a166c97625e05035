/** Where one can go and what one can do from anywhere. */
import { useRouter } from '@tanstack/react-router';
import { Accessibility, Bell, Headset, type LucideIcon, Moon, Plus, Sun, UserPlus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { allows, useSession } from '@/session/session';
import { usePlaces } from '@/shell/navigation';
import { chooseTheme } from '@/shell/theme';

export interface Command {
  id: string;
  label: string;
  icon: LucideIcon;
  /** The keys that do the same, as they are shown. */
  keys?: string;
  run: () => void;
}

export function useGoing(): Command[] {
  const { t } = useTranslation();
  const router = useRouter();
  const session = useSession();
  const places = usePlaces();
  const going: Command[] = places.map((place) => ({
    id: place.to,
    label: t(place.label),
    icon: place.icon,
    ...(place.key && { keys: `G ${place.key.toUpperCase()}` }),
    run: () => void router.navigate({ to: place.to }),
  }));
  if (allows(session, 'notifications:own')) {
    going.push({
      id: 'notifications',
      label: t('notifications.preferences'),
      icon: Bell,
      run: () => void router.navigate({ to: '/notifications' }),
    });
  }
  going.push({
    id: 'accessibility',
    label: t('shell.accessibility'),
    icon: Accessibility,
    run: () => void router.navigate({ to: '/accessibility' }),
  });
  return going;
}

export function useActing(): Command[] {
  const { t } = useTranslation();
  const router = useRouter();
  const session = useSession();
  const acting: Command[] = [];
  if (allows(session, 'tasks:write')) {
    acting.push({
      id: 'new-task',
      label: t('tasks.add'),
      icon: Plus,
      keys: 'N',
      run: () => void router.navigate({ to: '/tasks', state: { dialog: 'new-task' } }),
    });
  }
  if (allows(session, 'customers:write')) {
    acting.push({
      id: 'new-customer',
      label: t('customers.add'),
      icon: UserPlus,
      run: () => void router.navigate({ to: '/crm/customers', state: { dialog: 'new-customer' } }),
    });
  }
  if (allows(session, 'calls:work')) {
    acting.push({
      id: 'test-call',
      label: t('shell.testCall'),
      icon: Headset,
      run: () => void router.navigate({ to: '/test-call' }),
    });
  }
  const dark = document.documentElement.dataset.theme === 'dark';
  acting.push({
    id: 'theme',
    label: dark ? t('palette.toLight') : t('palette.toDark'),
    icon: dark ? Sun : Moon,
    run: () => chooseTheme(dark ? 'light' : 'dark'),
  });
  return acting;
}
