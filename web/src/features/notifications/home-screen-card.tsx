/** On a phone, once: put the app on the home screen, switch notifications on, and see one arrive. */
import { useQuery } from '@tanstack/react-query';
import { BellRing, Download, Smartphone } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStored } from '@/components/stored';
import { Button } from '@/components/ui/button';
import { Refusal } from '@/components/ui/states';
import { usePermission } from '@/session/session';
import { HomeScreenSteps } from './home-screen-steps';
import { isInstalled, isIos, pushHereQuery, useTurnPush } from './push';
import { TestPush } from './this-device';

/** What browsers but Safari offer, for a click to take up. */
interface InstallOffer extends Event {
  prompt: () => Promise<unknown>;
}

function useInstallOffer() {
  const [offer, setOffer] = useState<InstallOffer | null>(null);
  useEffect(() => {
    const offered = (event: Event) => {
      event.preventDefault();
      setOffer(event as InstallOffer);
    };
    window.addEventListener('beforeinstallprompt', offered);
    return () => window.removeEventListener('beforeinstallprompt', offered);
  }, []);
  return { offer, taken: () => setOffer(null) };
}

export default function HomeScreenCard() {
  const { t } = useTranslation();
  const may = usePermission('account:own');
  const [seen, setSeen] = useStored<'no' | 'yes'>('homeScreenCard.seen', 'no');
  const { data: state } = useQuery({ ...pushHereQuery, enabled: may && seen === 'no' });
  const { offer, taken } = useInstallOffer();
  const turn = useTurnPush();
  const done = () => setSeen('yes');
  if (!may || seen === 'yes' || !state || state === 'unsupported' || state === 'denied') return null;
  if (state === 'needs_home_screen' || (isIos() && !isInstalled())) {
    return (
      <Card title={t('notifications.homeScreen.title')} onLater={done}>
        <p className="text-cell text-muted">{t('notifications.homeScreen.iosHint')}</p>
        <HomeScreenSteps />
      </Card>
    );
  }
  if (state === 'on') {
    return (
      <Card
        title={t('notifications.homeScreen.tryTitle')}
        onLater={done}
        later={t('notifications.homeScreen.done')}
      >
        <p className="text-cell text-muted">{t('notifications.homeScreen.tryHint')}</p>
        <div className="flex flex-wrap gap-2 *:grow">
          <TestPush />
        </div>
      </Card>
    );
  }
  return (
    <Card title={t('notifications.homeScreen.title')} onLater={done}>
      <p className="text-cell text-muted">{t('notifications.push.offHint')}</p>
      <div className="flex flex-wrap gap-2 *:grow">
        {offer && !isInstalled() && (
          <Button
            icon={Download}
            onClick={() => {
              void offer.prompt();
              taken();
            }}
          >
            {t('notifications.homeScreen.install')}
          </Button>
        )}
        <Button look="primary" icon={BellRing} busy={turn.isPending} onClick={() => turn.mutate(true)}>
          {t('notifications.push.turnOn')}
        </Button>
      </div>
      {turn.isError && !(turn.error instanceof DOMException) && <Refusal error={turn.error} />}
      {turn.error instanceof DOMException && (
        <p role="alert" className="text-cell text-danger-text">
          {t('notifications.push.browserRefused')}
        </p>
      )}
    </Card>
  );
}

interface CardProps {
  title: string;
  later?: string;
  onLater: () => void;
  children: ReactNode;
}

function Card({ title, later, onLater, children }: CardProps) {
  const { t } = useTranslation();
  return (
    <section className="flex flex-col gap-3.5 rounded-card border border-accent-line bg-accent-soft p-5">
      <h2 className="flex items-center gap-2.5 text-lead font-bold">
        <Smartphone aria-hidden className="size-5 text-accent-text" strokeWidth={1.9} />
        {title}
      </h2>
      {children}
      <Button look="ghost" onClick={onLater}>
        {later ?? t('notifications.homeScreen.later')}
      </Button>
    </section>
  );
}
