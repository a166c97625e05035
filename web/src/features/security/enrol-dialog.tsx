/** From a fresh secret over the first code to the recovery codes. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { CopyButton } from '@/components/ui/copy-text';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Refusal, Skeleton } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { fieldText } from '@/i18n/problem-text';

interface EnrolProps {
  open: boolean;
  onClose: () => void;
}

export function EnrolDialog({ open, onClose }: EnrolProps) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  useEffect(() => {
    if (!open) setCodes(null);
  }, [open]);
  if (!open) return null;
  if (codes) return <Recovery codes={codes} open onClose={onClose} />;
  return <Scan open onClose={onClose} onCodes={setCodes} />;
}

function Scan({ open, onClose, onCodes }: EnrolProps & { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const { mutate: begin, ...begun } = useMutation({
    mutationFn: () => take(api.POST('/api/auth/totp/enroll')),
  });
  useEffect(() => begin(), [begin]);
  const verify = useMutation({
    mutationFn: () => take(api.POST('/api/auth/totp/verify', { body: { code: code.trim() } })),
    onSuccess: ({ recovery_codes }) => {
      say(t('security.enabled'));
      onCodes(recovery_codes);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.totp }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    verify.mutate();
  };
  const atField = isProblem(verify.error) && verify.error.fields.has('code');
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('security.enrol')}
      lead={t('security.enrolLead')}
      actions={
        <>
          <Button look="primary" type="submit" form="totp" busy={verify.isPending} disabled={!begun.data}>
            {t('security.turnOn')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="totp" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        {begun.data ? (
          <img
            alt={t('security.qr')}
            src={`data:image/svg+xml;utf8,${encodeURIComponent(begun.data.qr_svg)}`}
            className="mx-auto size-48 rounded-control"
          />
        ) : (
          !begun.error && <Skeleton className="mx-auto size-48" />
        )}
        {begun.data && (
          <div className="flex flex-wrap items-center justify-between gap-2 rounded-control bg-sunken px-3.5 py-2.5">
            <span className="min-w-0 text-caption text-muted">
              {t('security.secret')}
              <bdi dir="ltr" className="block font-mono text-cell break-all text-ink select-all">
                {begun.data.secret}
              </bdi>
            </span>
            <CopyButton text={begun.data.secret} label={t('security.copySecret')} />
          </div>
        )}
        <Field
          label={t('security.code')}
          dir="ltr"
          required
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={10}
          value={code}
          error={fieldText(t, verify.error, 'code')}
          onChange={(event) => setCode(event.target.value)}
        />
        <Refusal error={begun.error ?? (atField ? null : verify.error)} />
      </form>
    </Dialog>
  );
}

function Recovery({ codes, open, onClose }: EnrolProps & { codes: readonly string[] }) {
  const { t } = useTranslation();
  const text = codes.join('\n');
  const download = () => {
    const address = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = 'agentlocator-recovery-codes.txt';
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('security.recoveryTitle')}
      lead={t('security.recoveryLead')}
      actions={
        <>
          <CopyButton primary text={text} label={t('security.copyCodes')} />
          <Button icon={Download} onClick={download}>
            {t('security.download')}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t('security.kept')}
          </Button>
        </>
      }
    >
      <ul
        dir="ltr"
        className="grid grid-cols-2 gap-2 rounded-control bg-sunken p-4 text-center font-mono text-cell"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </Dialog>
  );
}
