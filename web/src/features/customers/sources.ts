import { useTranslation } from 'react-i18next';

export const SOURCES = ['manual', 'call', 'whatsapp', 'import', 'api'] as const;

/** Where a customer came from; what somebody wrote there by hand is shown as it is. */
export function useSourceName(): (source: string) => string {
  const { t } = useTranslation();
  return (source) =>
    (SOURCES as readonly string[]).includes(source) ? t(`customers.source.${source as 'manual'}`) : source;
}
