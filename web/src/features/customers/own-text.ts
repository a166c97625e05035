import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnField } from '@/api/types';
import { formatIsoDay } from '@/format/dates';

/** A value of a field of the business's own, as one reads it. */
export function useOwnText(): (field: OwnField, value: unknown) => string {
  const { t } = useTranslation();
  return useMemo(
    () => (field, value) => {
      if (value === undefined || value === null) return '';
      if (field.kind === 'boolean') return value ? t('customerList.yes') : t('customerList.no');
      return field.kind === 'date' ? formatIsoDay(String(value)) : String(value);
    },
    [t],
  );
}
