/** Pieces of text that need care about direction. */
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { directionOf } from '@/format/direction';
import { formatPhone, phoneDigits } from '@/format/phone';
import { cx } from './cx';
import { Tooltip } from './tooltip';

/**
 * What a person wrote or said: each paragraph reads in the direction of its own letters. One that is shorter than a
 * line stands where the page's own words begin.
 */
export function Prose({ children, className }: { children: string; className?: string }) {
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      {children
        .split(/\n+/)
        .filter((paragraph) => paragraph.trim())
        .map((paragraph, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs of one text have no other name
          <p key={at} dir={directionOf(paragraph)} className="max-w-full self-start text-start">
            {paragraph}
          </p>
        ))}
    </div>
  );
}

export function PhoneText({ number, className }: { number: string; className?: string }) {
  return (
    <bdi dir="ltr" className={cx('tabular whitespace-nowrap', className)}>
      {formatPhone(number)}
    </bdi>
  );
}

const COPIED_MS = 1_600;

export function CopyPhone({ number }: { number: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const label = copied ? t('common.copied') : t('common.copyPhone');
  const Icon = copied ? Check : Copy;
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        className="target inline-grid size-7 max-md:-my-2.5 place-items-center rounded-mark text-faint hover:bg-hover hover:text-ink"
        onClick={(event) => {
          event.stopPropagation();
          void navigator.clipboard?.writeText(phoneDigits(number)).then(() => setCopied(true));
        }}
      >
        <Icon aria-hidden className="size-3.5" />
      </button>
    </Tooltip>
  );
}
