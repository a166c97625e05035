/** The first five minutes of an owner: what they do, who answers, a test call, the number. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { say } from '@/components/ui/toast';
import { useSession } from '@/session/session';
import { keepStep, STEPS, type Step } from '@/session/welcome';
import { arrivedQuery, testCallsQuery } from './arrivals';
import { AgentStep } from './wizard-agent';
import { BusinessStep } from './wizard-business';
import type { StepProps } from './wizard-frame';
import { CallStep, NumberStep } from './wizard-line';

const CONTENT: Record<Step, (props: StepProps) => ReactNode> = {
  business: BusinessStep,
  agent: AgentStep,
  call: CallStep,
  number: NumberStep,
};

export function Wizard({ settings, step }: { settings: Settings; step: Step }) {
  const { t } = useTranslation();
  const { business } = useSession();
  const navigate = useNavigate();
  const Content = CONTENT[step];
  const next = () => {
    const following = STEPS[STEPS.indexOf(step) + 1];
    keepStep(business.id, following ?? 'done');
    if (following) return void navigate({ to: '/welcome', search: { step: following } });
    say(t('welcome.done'));
    void navigate({ to: '/crm' });
  };
  const before = STEPS[STEPS.indexOf(step) - 1];
  const back = before && (() => void navigate({ to: '/welcome', search: { step: before } }));
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-6">
      <Progress step={step} done={useDone(settings)} />
      <section className="rounded-card border border-line bg-surface p-6 max-md:p-5">
        <Content key={step} settings={settings} onNext={next} onBack={back} />
      </section>
      <Button
        look="ghost"
        className="self-center"
        onClick={() => {
          keepStep(business.id, step);
          void navigate({ to: '/crm' });
        }}
      >
        {t('welcome.later')}
      </Button>
    </div>
  );
}

/** What was really done: a step that was passed over is not. */
function useDone(settings: Settings): Record<Step, boolean> {
  const { data: tried } = useQuery(testCallsQuery);
  const { data: arrived } = useQuery(arrivedQuery);
  return {
    business: Boolean(settings.agent_prompt),
    agent: Boolean(settings.agent_name || settings.greeting_text),
    call: (tried?.total ?? 0) > 0,
    number: (arrived?.length ?? 0) > 0,
  };
}

function Progress({ step, done }: { step: Step; done: Record<Step, boolean> }) {
  const { t } = useTranslation();
  const at = STEPS.indexOf(step);
  return (
    <div>
      <p className="sr-only" role="status">
        {t('welcome.progress', { n: at + 1, of: STEPS.length })}
      </p>
      <ol className="flex gap-2">
        {STEPS.map((name, index) => (
          <li
            key={name}
            aria-current={name === step ? 'step' : undefined}
            className={cx(
              'flex grow basis-0 items-center gap-1.5 border-t-3 pt-2 text-caption font-semibold',
              index <= at ? 'border-accent' : 'border-line',
              index === at ? 'text-ink' : 'text-muted',
            )}
          >
            {done[name] && (
              <Check
                role="img"
                aria-label={t('welcome.stepDone')}
                className="size-3.5 shrink-0 text-accent-text"
              />
            )}
            {t(`welcome.steps.${name}`)}
          </li>
        ))}
      </ol>
    </div>
  );
}
