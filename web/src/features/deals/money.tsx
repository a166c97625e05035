/** Amounts, which some may not see: then nothing stands in their place. */
import type { Amount } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { formatMoney } from '@/format/numbers';

interface MoneyProps {
  minor: number | null | undefined;
  currency: string;
  className?: string;
}

export function Money({ minor, currency, className }: MoneyProps) {
  if (minor == null) return null;
  return (
    <bdi dir="ltr" className={cx('tabular whitespace-nowrap', className)}>
      {formatMoney(minor, currency)}
    </bdi>
  );
}

export function Sums({
  sums,
  className,
}: {
  sums: readonly Amount[] | null | undefined;
  className?: string;
}) {
  if (!sums?.length) return null;
  return (
    <span className={cx('flex flex-wrap gap-x-2', className)}>
      {sums.map(({ currency, amount_minor }) => (
        <Money key={currency} minor={amount_minor} currency={currency} />
      ))}
    </span>
  );
}
