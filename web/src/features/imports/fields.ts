/** The fields that a column can fill. */
import { useTranslation } from 'react-i18next';

export interface Target {
  value: string;
  label: string;
}

/** `own` are the business's fields: `custom.{key}` with their names. */
export function useTargets(own: readonly Target[]): Target[] {
  const { t } = useTranslation();
  return [
    { value: 'name', label: t('customers.name') },
    { value: 'first_name', label: t('imports.field.firstName') },
    { value: 'last_name', label: t('imports.field.lastName') },
    { value: 'phone', label: t('customers.phone') },
    { value: 'email', label: t('customers.email') },
    { value: 'company', label: t('customers.company') },
    { value: 'tax_id', label: t('customers.taxId') },
    { value: 'address', label: t('customers.address') },
    { value: 'city', label: t('imports.field.city') },
    { value: 'status', label: t('customers.statusColumn') },
    { value: 'source', label: t('customers.sourceColumn') },
    { value: 'owner', label: t('customers.owner') },
    { value: 'tags', label: t('customers.tags') },
    { value: 'notes', label: t('customers.notes') },
    { value: 'language', label: t('imports.field.language') },
    { value: 'do_not_contact', label: t('customers.doNotContact') },
    ...own,
  ];
}
