/** The parts of a record of the audit log in words. */
import { useTranslation } from 'react-i18next';
import type { AuditRow } from '@/api/types';
import { isAction, isRecord } from './words';

export interface Names {
  person: (id: number) => string | null;
  business: (id: number) => string | null;
}

export function useActionWords(): (action: string) => string {
  const { t } = useTranslation();
  return (action) => (isAction(action) ? t(`audit.action.${action}`) : action);
}

export function useRecordWords(): (row: AuditRow) => string {
  const { t } = useTranslation();
  return ({ record_type: type, record_id: id }) => {
    const name = isRecord(type) ? t(`audit.recordType.${type}`) : type;
    return id == null ? name : `${name} ${id}`;
  };
}

const KINDS = ['api_key', 'agent'] as const;

/** Who it was; a person by name, as far as it is known here. */
export function useActor({ person }: Names): (row: AuditRow) => string {
  const { t } = useTranslation();
  return ({ actor_kind: kind, actor_id: id, acting_as_id: as }) => {
    if (kind === 'user') {
      const name = (id != null && person(id)) || t('audit.someone', { id: id ?? '' });
      return as == null ? name : t('audit.actingAs', { name, as: person(as) ?? `#${as}` });
    }
    const known = KINDS.find((name) => name === kind);
    return known ? t(`audit.actor.${known}`) : kind;
  };
}
