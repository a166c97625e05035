/** Which provider is used, how each of them is, and linking a phone. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleSlash, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CarrierStatus, Settings } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { Dialog } from '@/components/ui/dialog';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { useDialog } from '@/components/ui/use-dialog';
import { useFormat, useNow } from '@/format/use-format';
import { LINK, LinkDialog } from './link-dialog';
import { providerQuery, statusQuery, useChooseProvider, useUnlink } from './queries';
import { isWay, WAYS, type Way } from './ways';

export function Connection({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const dialog = useDialog(LINK);
  const status = useQuery(statusQuery(dialog.open));
  const provider = useQuery(providerQuery);
  const choose = useChooseProvider();
  const view = provider.data;
  if (status.isPending || provider.isPending)
    return (
      <Card title={t('whatsapp.title')}>
        <SkeletonRows rows={3} />
      </Card>
    );
  if (!status.data || !view)
    return (
      <Card title={t('whatsapp.title')}>
        <Trouble
          small
          error={status.error ?? provider.error}
          onRetry={() => void Promise.all([status.refetch(), provider.refetch()])}
        />
      </Card>
    );
  const offered = WAYS.filter((way) => view.available.includes(way));
  const chosen: Way | 'auto' = view.chosen && isWay(view.provider) ? view.provider : 'auto';
  return (
    <>
      <Card title={t('whatsapp.title')} lead={t('whatsapp.lead')}>
        <ul className="-mx-5 -mt-1">
          {status.data.providers.map((one) => (
            <Carrier
              key={one.provider}
              carrier={one}
              used={one.provider === view.provider}
              onLink={dialog.show}
            />
          ))}
        </ul>
        {offered.length > 0 && (
          <Choices
            legend={t('whatsapp.which')}
            value={chosen}
            disabled={choose.isPending}
            options={[
              { value: 'auto' as Way | 'auto', label: t('whatsapp.auto'), hint: t('whatsapp.autoHint') },
              ...offered.map((way) => ({
                value: way as Way | 'auto',
                label: t(`whatsapp.way.${way}`),
                hint: t(`whatsapp.wayHint.${way}`),
              })),
            ]}
            onChoose={(way) => choose.mutate(way === 'auto' ? null : way)}
          />
        )}
      </Card>
      <LinkDialog
        open={dialog.open}
        onClose={dialog.hide}
        settings={settings}
        connected={status.data.providers.some((one) => one.provider === 'baileys' && one.connected)}
      />
    </>
  );
}

interface CarrierProps {
  carrier: CarrierStatus;
  used: boolean;
  onLink: () => void;
}

function Carrier({ carrier, used, onLink }: CarrierProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { provider, connected, number, last_seen, error } = carrier;
  const phone = provider === 'baileys';
  const off = error === 'not_configured';
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-5 py-3 last:border-b-0">
      <div className="min-w-48 grow basis-0">
        <p className="flex flex-wrap items-center gap-2 text-cell font-semibold">
          {isWay(provider) ? t(`whatsapp.way.${provider}`) : provider}
          {used && <span className="text-caption font-normal text-muted">{t('whatsapp.inUse')}</span>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-caption text-muted">
          {number && <PhoneText number={number} />}
          {!connected && last_seen && (
            <span>{t('whatsapp.lastSeen', { when: format.when(last_seen, now) })}</span>
          )}
        </p>
      </div>
      <State connected={connected} off={off} />
      {phone && used && !off && (connected ? <Unlink /> : <Link onLink={onLink} />)}
    </li>
  );
}

function State({ connected, off }: { connected: boolean; off: boolean }) {
  const { t } = useTranslation();
  if (connected)
    return (
      <Badge tone="success" icon={CircleCheck}>
        {t('whatsapp.connected')}
      </Badge>
    );
  if (off)
    return (
      <Badge tone="neutral" icon={CircleSlash}>
        {t('whatsapp.notConfigured')}
      </Badge>
    );
  return (
    <Badge tone="danger" icon={CircleAlert}>
      {t('whatsapp.disconnected')}
    </Badge>
  );
}

function Link({ onLink }: { onLink: () => void }) {
  const { t } = useTranslation();
  return (
    <Button look="primary" size="sm" icon={Smartphone} onClick={onLink}>
      {t('whatsapp.link.open')}
    </Button>
  );
}

function Unlink() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const unlink = useUnlink();
  return (
    <>
      <Button size="sm" onClick={() => setAsking(true)}>
        {t('whatsapp.unlink')}
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('whatsapp.unlink')}
        lead={t('whatsapp.unlinkLead')}
        actions={
          <>
            <Button
              look="danger"
              busy={unlink.isPending}
              onClick={() => unlink.mutate(undefined, { onSettled: () => setAsking(false) })}
            >
              {t('whatsapp.unlinkIt')}
            </Button>
            <Button onClick={() => setAsking(false)}>{t('common.back')}</Button>
          </>
        }
      />
    </>
  );
}
