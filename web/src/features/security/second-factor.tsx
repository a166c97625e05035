import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Panel } from '@/components/ui/panel';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { useDialog } from '@/components/ui/use-dialog';
import { fieldText } from '@/i18n/problem-text';
import { EnrolDialog } from './enrol-dialog';

const totpQuery = queryOptions({
  queryKey: keys.totp,
  queryFn: () => take(api.GET('/api/auth/totp')),
});

export function SecondFactor() {
  const { t } = useTranslation();
  const state = useQuery(totpQuery);
  const enrol = useDialog('totp');
  const disable = useDialog('totp-off');
  const badge = state.data && (
    <Badge tone={state.data.on ? 'success' : 'neutral'}>
      {state.data.on ? t('security.totpOn') : t('security.totpOff')}
    </Badge>
  );
  return (
    <Panel title={t('security.totpTitle')} aside={badge}>
      <div className="flex flex-col gap-4 px-5 pb-5">
        <p className="max-w-[70ch] text-cell text-muted">{t('security.totpLead')}</p>
        {state.isPending && <SkeletonRows rows={1} />}
        {state.isError && <Trouble small error={state.error} onRetry={() => void state.refetch()} />}
        {state.data?.on && (
          <div className="flex flex-wrap items-center gap-3">
            <Button onClick={disable.show}>{t('security.disable')}</Button>
            <span className="text-caption text-muted">
              {t('security.codesLeft', { count: state.data.recovery_codes_left })}
            </span>
          </div>
        )}
        {state.data && !state.data.on && (
          <Button icon={ShieldCheck} className="self-start" onClick={enrol.show}>
            {t('security.enrol')}
          </Button>
        )}
      </div>
      <EnrolDialog open={enrol.open} onClose={enrol.hide} />
      <DisableDialog open={disable.open} onClose={disable.hide} />
    </Panel>
  );
}

function DisableDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const disable = useMutation({
    mutationFn: () => take(api.POST('/api/auth/totp/disable', { body: { code: code.trim() } })),
    onSuccess: () => {
      say(t('security.disabled'));
      setCode('');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.totp }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    disable.mutate();
  };
  const atField = isProblem(disable.error) && disable.error.fields.has('code');
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('security.disableTitle')}
      lead={t('security.disableLead')}
      actions={
        <>
          <Button look="danger" type="submit" form="totp-off" busy={disable.isPending}>
            {t('security.disable')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="totp-off" onSubmit={submit} className="flex flex-col gap-3 pb-2">
        <Field
          label={t('security.code')}
          dir="ltr"
          required
          autoComplete="one-time-code"
          value={code}
          error={fieldText(t, disable.error, 'code')}
          onChange={(event) => setCode(event.target.value)}
        />
        {!atField && <Refusal error={disable.error} />}
      </form>
    </Dialog>
  );
}
