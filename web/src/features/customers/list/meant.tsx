/** Nobody was found as it was typed: what those who are shown were found by. */
import { useTranslation } from 'react-i18next';

interface MeantProps {
  typed: string;
  meant: string;
  /** Types it in place of what was typed. */
  onTake: (meant: string) => void;
}

export function Meant({ typed, meant, onTake }: MeantProps) {
  const { t } = useTranslation();
  return (
    <p role="status" className="flex flex-wrap items-baseline gap-x-1.5 px-1 pb-3 text-cell">
      <span className="text-muted">{t('customerList.notFound', { typed })}</span>
      <span>{t('customerList.didYouMean')}</span>
      <button
        type="button"
        className="target rounded-mark font-bold text-accent-text underline-offset-4 hover:underline"
        onClick={() => onTake(meant)}
      >
        <bdi>{meant}</bdi>
      </button>
    </p>
  );
}
