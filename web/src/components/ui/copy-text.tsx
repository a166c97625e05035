import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button';
import { INPUT } from './field';

const COPIED_MS = 1_600;

export function CopyButton({ text, label, primary }: { text: string; label: string; primary?: boolean }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      look={primary ? 'primary' : 'quiet'}
      icon={copied ? Check : Copy}
      onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
    >
      <span aria-live="polite">{copied ? t('common.copied') : label}</span>
    </Button>
  );
}

/** Something shown once, whole, to be taken along. */
export function Shown({ label, text }: { label: string; text: string }) {
  return (
    <input
      readOnly
      dir="ltr"
      aria-label={label}
      value={text}
      onFocus={(event) => event.target.select()}
      className={`${INPUT} h-11 font-mono text-cell`}
    />
  );
}
