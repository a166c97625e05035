import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, Headset } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, buttonClass } from '@/components/ui/button';
import { PhoneText } from '@/components/ui/text';
import { testCallsQuery } from './first-steps';
import { AddNumber } from './numbers';
import { StepFrame, type StepProps } from './wizard-frame';

export function CallStep({ onNext }: StepProps) {
  const { t } = useTranslation();
  const { data: calls } = useQuery(testCallsQuery);
  const made = (calls?.total ?? 0) > 0;
  return (
    <StepFrame
      title={t('welcome.callTitle')}
      lead={t('welcome.callLead')}
      {...(!made && { onSkip: onNext })}
      primary={
        <>
          {made && (
            <Button look="primary" onClick={onNext}>
              {t('welcome.next')}
            </Button>
          )}
          <Link to="/test-call" className={buttonClass(made ? 'quiet' : 'primary')}>
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

export function NumberStep({ settings, onNext }: StepProps) {
  const { t } = useTranslation();
  const numbers = settings.phone_numbers;
  return (
    <StepFrame
      title={t('welcome.numberTitle')}
      lead={t('welcome.numberLead')}
      primary={
        <Button look={numbers.length > 0 ? 'primary' : 'quiet'} onClick={onNext}>
          {t('welcome.finish')}
        </Button>
      }
    >
      {numbers.length > 0 && (
        <ul className="flex flex-col gap-1">
          {numbers.map(({ number }) => (
            <li key={number} className="flex items-center gap-2 text-cell font-semibold">
              <CircleCheck aria-hidden className="size-4.5 text-success-text" />
              <PhoneText number={number} />
            </li>
          ))}
        </ul>
      )}
      <AddNumber settings={settings} quiet />
    </StepFrame>
  );
}
