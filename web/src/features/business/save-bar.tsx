import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';

interface SaveBarProps {
  dirty: boolean;
  busy: boolean;
  label: string;
  disabled?: boolean;
  onDiscard: () => void;
}

/** What a form with several fields ends with, once something in it is different. */
export function SaveBar({ dirty, busy, label, disabled, onDiscard }: SaveBarProps) {
  const { t } = useTranslation();
  if (!dirty && !busy) return null;
  return (
    <div className="flex animate-fade flex-wrap items-center gap-2">
      <Button look="primary" type="submit" busy={busy} disabled={disabled ?? false}>
        {label}
      </Button>
      <Button look="ghost" onClick={onDiscard}>
        {t('business.discard')}
      </Button>
      <p role="status" className="text-caption text-muted">
        {t('business.unsaved')}
      </p>
    </div>
  );
}
