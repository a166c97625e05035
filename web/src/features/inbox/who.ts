/** What the other side is called. */
import { useTranslation } from 'react-i18next';
import type { Thread } from '@/api/types';
import { formatName, formatPhone } from '@/format/phone';

type Named = Pick<Thread, 'name' | 'addresses'>;

export function phoneOf({ addresses }: Pick<Thread, 'addresses'>): string | null {
  return addresses.find(({ kind }) => kind === 'phone')?.value ?? null;
}

export function useThreadName(): (thread: Named) => string {
  const { t } = useTranslation();
  return (thread) => {
    if (thread.name) return formatName(thread.name);
    const phone = phoneOf(thread);
    return phone ? formatPhone(phone) : t('inbox.nameless');
  };
}
