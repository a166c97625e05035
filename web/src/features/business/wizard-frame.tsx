/** What every step of the wizard looks like. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { Button } from '@/components/ui/button';

export interface StepProps {
  settings: Settings;
  onNext: () => void;
  /** To the step before; the first has none. */
  onBack?: (() => void) | undefined;
}

interface StepFrameProps {
  title: string;
  lead: string;
  children: ReactNode;
  /** Continue; beside it stands that the step can be left out. */
  primary: ReactNode;
  onSkip?: () => void;
  onBack?: (() => void) | undefined;
}

export function StepFrame({ title, lead, children, primary, onSkip, onBack }: StepFrameProps) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-5">
      <div>
        <h2 className="text-title">{title}</h2>
        <p className="text-muted">{lead}</p>
      </div>
      {children}
      <div className="flex flex-wrap gap-2 max-sm:*:grow">
        {primary}
        {onSkip && (
          <Button look="ghost" onClick={onSkip}>
            {t('welcome.skip')}
          </Button>
        )}
        {onBack && (
          <Button look="ghost" className="sm:ms-auto" onClick={onBack}>
            {t('welcome.back')}
          </Button>
        )}
      </div>
    </div>
  );
}
