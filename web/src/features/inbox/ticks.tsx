/** Where a message of ours stands: ticks as WhatsApp has them, with the word for who cannot see them. */
import { Check, CheckCheck, CircleAlert, CircleHelp, Clock3 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components/ui/cx';
import { Tooltip } from '@/components/ui/tooltip';

const LOOKS = {
  queued: { icon: Clock3, tone: 'text-muted' },
  sending: { icon: Clock3, tone: 'text-muted' },
  sent: { icon: Check, tone: 'text-muted' },
  delivered: { icon: CheckCheck, tone: 'text-muted' },
  read: { icon: CheckCheck, tone: 'text-info-text' },
  played: { icon: CheckCheck, tone: 'text-info-text' },
  failed: { icon: CircleAlert, tone: 'text-danger-text' },
  unknown: { icon: CircleHelp, tone: 'text-warn-text' },
} as const;

export function Ticks({ status, className }: { status: string; className?: string }) {
  const { t } = useTranslation();
  const known = status in LOOKS ? (status as keyof typeof LOOKS) : null;
  if (!known) return null;
  const { icon: Icon, tone } = LOOKS[known];
  const word = t(`inbox.message.${known}`);
  return (
    <Tooltip text={word}>
      <span data-status={known} className={cx('inline-flex', tone, className)}>
        <Icon aria-hidden className="size-4" strokeWidth={2.1} />
        <span className="sr-only">{word}</span>
      </span>
    </Tooltip>
  );
}
