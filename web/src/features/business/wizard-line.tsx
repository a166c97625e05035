import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, Headset } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EngineNotice, OF_THE_LINE } from '@/components/engine-notice';
import { Button, buttonClass } from '@/components/ui/button';
import { testCallsQuery } from './arrivals';
import { Forwarding } from './connect-number';
import { knownOf, linesOf, TwoNumbers } from './numbers';
import { StepFrame, type StepProps } from './wizard-frame';

export function CallStep({ onNext, onBack }: StepProps) {
  const { t } = useTranslation();
  const { data: calls } = useQuery(testCallsQuery);
  const made = (calls?.total ?? 0) > 0;
  return (
    <StepFrame
      title={t('welcome.callTitle')}
      lead={t('welcome.callLead')}
      {...(!made && { onSkip: onNext })}
      onBack={onBack}
      primary={
        <>
          {made && (
            <Button look="primary" onClick={onNext}>
              {t('welcome.next')}
            </Button>
          )}
          <Link
            to="/test-call"
            state={{ welcome: 'call' }}
            className={buttonClass(made ? 'quiet' : 'primary')}
          >
            <Headset aria-hidden className="size-4" />
            {t('welcome.callOpen')}
          </Link>
        </>
      }
    >
      {made && (
        <p className="flex items-center gap-2 rounded-control bg-success-soft px-3.5 py-2.5 text-cell text-success-text">
          <CircleCheck aria-hidden className="size-4.5 shrink-0" />
          {t('welcome.callDone')}
        </p>
      )}
    </StepFrame>
  );
}

export function NumberStep({ settings, onNext, onBack }: StepProps) {
  const { t } = useTranslation();
  return (
    <StepFrame
      title={t('welcome.numberTitle')}
      lead={t('welcome.numberLead')}
      onBack={onBack}
      primary={
        <Button look="primary" onClick={onNext}>
          {t('welcome.finish')}
        </Button>
      }
    >
      <EngineNotice about={OF_THE_LINE} />
      <TwoNumbers settings={settings} />
      {linesOf(settings).length > 0 && <Forwarding key={knownOf(settings)} settings={settings} />}
    </StepFrame>
  );
}
