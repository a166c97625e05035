/** Push on this device: on, off, and a notification that must arrive. */
import { useQuery } from '@tanstack/react-query';
import { BellRing, CircleCheck, Send } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Refusal, Skeleton } from '@/components/ui/states';
import { HomeScreenSteps } from './home-screen-steps';
import { pushHereQuery, useTestPush, useTurnPush } from './push';

export function ThisDevice() {
  const { t } = useTranslation();
  const { data: state } = useQuery(pushHereQuery);
  const turn = useTurnPush();
  if (!state) return <Skeleton className="mx-5 mb-5 h-10" />;
  return (
    <div className="flex flex-col gap-3 px-5 pb-5">
      {state === 'needs_home_screen' && <HomeScreenSteps />}
      {state === 'unsupported' && (
        <p className="text-cell text-muted">{t('notifications.push.unsupported')}</p>
      )}
      {state === 'denied' && <p className="text-cell text-warn-text">{t('notifications.push.denied')}</p>}
      {state === 'off' && (
        <>
          <p className="max-w-[60ch] text-cell text-muted">{t('notifications.push.offHint')}</p>
          <Button
            look="primary"
            icon={BellRing}
            className="self-start max-md:self-stretch"
            busy={turn.isPending}
            onClick={() => turn.mutate(true)}
          >
            {t('notifications.push.turnOn')}
          </Button>
        </>
      )}
      {state === 'on' && <PushOn onOff={() => turn.mutate(false)} turning={turn.isPending} />}
      {turn.isError && <PushTrouble error={turn.error} />}
    </div>
  );
}

/** A browser that refuses says so with an error of its own, which is none of the server's. */
function PushTrouble({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!(error instanceof DOMException)) return <Refusal error={error} />;
  return (
    <p role="alert" className="text-cell text-danger-text">
      {t('notifications.push.browserRefused')}
    </p>
  );
}

function PushOn({ onOff, turning }: { onOff: () => void; turning: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <div>
        <Badge tone="success" icon={CircleCheck}>
          {t('notifications.push.on')}
        </Badge>
      </div>
      <div className="flex flex-wrap gap-2">
        <TestPush />
        <Button look="ghost" busy={turning} onClick={onOff}>
          {t('notifications.push.turnOff')}
        </Button>
      </div>
    </>
  );
}

export function TestPush() {
  const { t } = useTranslation();
  const test = useTestPush();
  return (
    <>
      <Button icon={Send} busy={test.isPending} onClick={() => test.mutate()}>
        {t('notifications.push.test')}
      </Button>
      <p role="status" className="basis-full text-cell empty:hidden">
        {test.isPending && t('notifications.push.onItsWay')}
        {test.data === true && <span className="text-success-text">{t('notifications.push.arrived')}</span>}
        {test.data === false && <span className="text-warn-text">{t('notifications.push.notArrived')}</span>}
      </p>
      <Refusal error={test.error} />
    </>
  );
}
