import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { ApiKey } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Panel } from '@/components/ui/panel';
import { Empty, Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { useDialog } from '@/components/ui/use-dialog';
import { useFormat, useNow } from '@/format/use-format';
import { NewKeyDialog } from './new-key-dialog';

const keysQuery = queryOptions({
  queryKey: keys.apiKeys,
  queryFn: () => take(api.GET('/api/api_keys', { params: { query: asQuery({ limit: 100 }) } })),
});

export function ApiKeys() {
  const { t } = useTranslation();
  const listed = useQuery(keysQuery);
  const making = useDialog('new-key');
  const revoking = useDialog('revoke-key');
  const [chosen, setChosen] = useState<ApiKey | null>(null);
  const found = listed.data?.results ?? [];
  return (
    <>
      <Panel
        title={t('business.section.keys')}
        action={
          <Button look="primary" icon={Plus} onClick={making.show}>
            {t('keys.make')}
          </Button>
        }
      >
        <p className="max-w-[70ch] px-5 pb-3 text-cell text-muted">{t('keys.lead')}</p>
        {listed.isPending && <SkeletonRows rows={2} />}
        {listed.isError && <Trouble small error={listed.error} onRetry={() => void listed.refetch()} />}
        {listed.isSuccess && found.length === 0 && (
          <Empty small icon={KeyRound} title={t('keys.none')} hint={t('keys.noneHint')} />
        )}
        {found.length > 0 && (
          <ul className="flex flex-col divide-y divide-line border-t border-line">
            {found.map((key) => (
              <Row
                key={key.id}
                of={key}
                onRevoke={() => {
                  setChosen(key);
                  revoking.show();
                }}
              />
            ))}
          </ul>
        )}
      </Panel>
      <NewKeyDialog open={making.open} onClose={making.hide} />
      {chosen && <RevokeDialog of={chosen} open={revoking.open} onClose={revoking.hide} />}
    </>
  );
}

function Row({ of, onRevoke }: { of: ApiKey; onRevoke: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const expired = of.expires_at ? new Date(of.expires_at) < now : false;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-40 grow">
        <p className="flex flex-wrap items-center gap-2 text-cell">
          <bdi className="font-semibold">{of.name}</bdi>
          <bdi dir="ltr" className="font-mono text-caption text-muted">
            {of.prefix}…
          </bdi>
          {expired && <Badge tone="warn">{t('keys.expired')}</Badge>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-caption text-muted">
          <span>{t('keys.scopeCount', { count: of.scopes.length })}</span>
          <span>
            {of.last_used_at ? t('keys.used', { when: format.when(of.last_used_at, now) }) : t('keys.unused')}
          </span>
          {of.expires_at && !expired && <span>{t('keys.until', { date: format.date(of.expires_at) })}</span>}
        </p>
      </div>
      <Button size="sm" aria-label={t('keys.revokeOf', { name: of.name })} onClick={onRevoke}>
        {t('keys.revoke')}
      </Button>
    </li>
  );
}

function RevokeDialog({ of, open, onClose }: { of: ApiKey; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => take(api.DELETE('/api/api_keys/{id}', { params: { path: { id: of.id } } })),
    onSuccess: () => {
      say(t('keys.revoked', { name: of.name }));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('keys.revokeOf', { name: of.name })}
      lead={t('keys.revokeLead')}
      actions={
        <>
          <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            {t('keys.revoke')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <Refusal error={revoke.error} />
    </Dialog>
  );
}
