import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { CopyButton, Shown } from '@/components/ui/copy-text';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { Refusal } from '@/components/ui/states';
import { fieldText } from '@/i18n/problem-text';
import { Scopes } from './scopes';

const EXPIRIES = ['never', 'd30', 'd90', 'd365'] as const;
type Expiry = (typeof EXPIRIES)[number];
const DAYS: Record<Expiry, number | null> = { never: null, d30: 30, d90: 90, d365: 365 };
const DAY_MS = 86_400_000;

function endOf(expiry: Expiry): { expires_at?: string } {
  const days = DAYS[expiry];
  return days === null ? {} : { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() };
}

interface NewKeyProps {
  open: boolean;
  onClose: () => void;
}

export function NewKeyDialog({ open, onClose }: NewKeyProps) {
  const [secret, setSecret] = useState<string | null>(null);
  useEffect(() => {
    if (!open) setSecret(null);
  }, [open]);
  if (secret) return <SecretDialog open={open} onClose={onClose} secret={secret} />;
  return <Making open={open} onClose={onClose} onSecret={setSecret} />;
}

function Making({ open, onClose, onSecret }: NewKeyProps & { onSecret: (secret: string) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [expiry, setExpiry] = useState<Expiry>('never');
  const [none, setNone] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      take(api.POST('/api/api_keys', { body: { name: name.trim(), scopes: [...scopes], ...endOf(expiry) } })),
    onSuccess: ({ secret }) => {
      setName('');
      setScopes([]);
      onSecret(secret);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setNone(scopes.length === 0);
    if (scopes.length > 0) make.mutate();
  };
  const atField = isProblem(make.error) && make.error.fields.has('name');
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('keys.make')}
      actions={
        <>
          <Button look="primary" type="submit" form="new-key" busy={make.isPending}>
            {t('keys.makeIt')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="new-key" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <Field
          label={t('keys.name')}
          hint={t('keys.nameHint')}
          required
          autoComplete="off"
          maxLength={120}
          value={name}
          error={fieldText(t, make.error, 'name')}
          onChange={(event) => setName(event.target.value)}
        />
        <Scopes
          chosen={scopes}
          onChange={(next) => {
            setScopes(next);
            setNone(false);
          }}
          error={none ? t('keys.scopesMissing') : undefined}
        />
        <Select
          label={t('keys.expiry')}
          value={expiry}
          options={EXPIRIES.map((value) => ({ value, label: t(`keys.expiries.${value}`) }))}
          onChoose={setExpiry}
        />
        {!atField && <Refusal error={make.error} />}
      </form>
    </Dialog>
  );
}

function SecretDialog({ open, onClose, secret }: NewKeyProps & { secret: string }) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('keys.ready')}
      lead={t('keys.readyLead')}
      actions={
        <>
          <CopyButton primary text={secret} label={t('keys.copy')} />
          <Button onClick={onClose}>{t('security.kept')}</Button>
        </>
      }
    >
      <Shown label={t('keys.secret')} text={secret} />
    </Dialog>
  );
}
