/**
 * Linking a phone: what one has to know first, then a code to scan or to type, then how it is to answer. Until an answer
 * is chosen nothing is answered by itself.
 */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { AnswerPolicy, Settings } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Refusal, Skeleton, Trouble } from '@/components/ui/states';
import { formatDuration } from '@/format/dates';
import { useNow } from '@/format/use-format';
import { fieldText } from '@/i18n/problem-text';
import { useSaveSettings } from '@/session/settings';
import { PolicyChoices } from './policy';
import { PrivateForm } from './private-chats';
import { qrQuery, usePair } from './queries';

export const LINK = 'link-whatsapp';

interface LinkDialogProps {
  open: boolean;
  onClose: () => void;
  settings: Settings;
  connected: boolean;
}

export function LinkDialog({ open, ...rest }: LinkDialogProps) {
  return open ? <Steps {...rest} /> : null;
}

function Steps({ onClose, settings, connected }: Omit<LinkDialogProps, 'open'>) {
  const { t } = useTranslation();
  const [ticked, setTicked] = useState(false);
  const [accepted, setAccepted] = useState(false);
  // What was chosen for a phone that was linked before is not chosen for this one.
  const [policy, setPolicy] = useState<AnswerPolicy>('suggest');
  const save = useSaveSettings();
  const finish = () =>
    save.mutate(
      { change: { whatsapp: { answer_policy: policy, away_text: settings.whatsapp.away_text ?? null } } },
      { onSuccess: onClose },
    );
  if (connected)
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('whatsapp.link.done')}
        lead={t('whatsapp.link.doneLead')}
        actions={
          <Button look="primary" busy={save.isPending} onClick={finish}>
            {t('whatsapp.link.finish')}
          </Button>
        }
      >
        <div className="flex flex-col gap-5 pb-2">
          <p className="flex items-center gap-2 text-cell font-semibold text-success-text">
            <CircleCheck aria-hidden className="size-5" />
            {t('whatsapp.connected')}
          </p>
          <PolicyChoices value={policy} onChoose={setPolicy} />
          <section className="flex flex-col gap-3 border-t border-line pt-4">
            <div>
              <h3 className="text-cell font-semibold">{t('whatsapp.private.title')}</h3>
              <p className="text-caption text-muted">{t('whatsapp.private.lead')}</p>
            </div>
            <PrivateForm />
          </section>
        </div>
      </Dialog>
    );
  if (!accepted)
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('whatsapp.link.title')}
        actions={
          <>
            <Button look="primary" disabled={!ticked} onClick={() => setAccepted(true)}>
              {t('whatsapp.link.goOn')}
            </Button>
            <Button onClick={onClose}>{t('common.back')}</Button>
          </>
        }
      >
        <Warning ticked={ticked} onTick={setTicked} />
      </Dialog>
    );
  return (
    <Dialog open onClose={onClose} title={t('whatsapp.link.title')} lead={t('whatsapp.link.scanLead')}>
      <div className="flex flex-col gap-5 pb-4">
        <Code />
        <PairByPhone />
      </div>
    </Dialog>
  );
}

function Warning({ ticked, onTick }: { ticked: boolean; onTick: (ticked: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-4 pb-2">
      <div className="rounded-control border border-warn-line bg-warn-soft px-3.5 py-3 text-cell text-warn-text">
        <p className="flex items-center gap-2 font-bold">
          <TriangleAlert aria-hidden className="size-4 shrink-0" />
          {t('whatsapp.link.unofficial')}
        </p>
        <p className="mt-1">{t('whatsapp.link.blocked')}</p>
      </div>
      <div className="text-cell">
        <p className="font-semibold">{t('whatsapp.link.advised')}</p>
        <ul className="mt-1 list-disc ps-5 text-muted">
          <li>{t('whatsapp.link.adviceNumber')}</li>
          <li>{t('whatsapp.link.adviceCold')}</li>
          <li>{t('whatsapp.link.adviceOfficial')}</li>
        </ul>
      </div>
      <label className="flex min-h-11 cursor-pointer items-start gap-3 py-2">
        <input
          type="checkbox"
          checked={ticked}
          onChange={(event) => onTick(event.target.checked)}
          className="mt-0.5 size-5 shrink-0 accent-accent"
        />
        <span className="text-cell font-semibold">{t('whatsapp.link.understood')}</span>
      </label>
    </div>
  );
}

/** The drawing is the server's own. */
function Code() {
  const { t } = useTranslation();
  const query = useQuery(qrQuery);
  const now = useNow(1_000);
  const { svg, expires_at } = query.data ?? {};
  const left_ms = expires_at ? Date.parse(expires_at) - now.getTime() : null;
  if (query.isError && !query.data)
    return <Trouble small error={query.error} onRetry={() => void query.refetch()} />;
  const stale = left_ms !== null && left_ms <= 0;
  return (
    <div className="flex flex-col items-center gap-3">
      {svg && !stale ? (
        <img
          alt={t('whatsapp.link.qr')}
          src={`data:image/svg+xml;utf8,${encodeURIComponent(svg)}`}
          className="size-64 rounded-card bg-[white] p-3"
        />
      ) : (
        <Skeleton className="size-64 rounded-card" />
      )}
      <p role="status" className="text-caption text-muted">
        {!svg || stale ? (
          t('whatsapp.link.waiting')
        ) : (
          <>
            {left_ms !== null && t('whatsapp.link.expires')}{' '}
            {left_ms !== null && (
              <bdi dir="ltr" aria-hidden className="tabular">
                {formatDuration(left_ms / 1000)}
              </bdi>
            )}
          </>
        )}
      </p>
      <ol className="list-decimal ps-5 text-cell text-muted">
        <li>{t('whatsapp.link.step1')}</li>
        <li>{t('whatsapp.link.step2')}</li>
        <li>{t('whatsapp.link.step3')}</li>
      </ol>
    </div>
  );
}

/** For who holds that very phone in the hand. */
function PairByPhone() {
  const { t } = useTranslation();
  const [phone, setPhone] = useState('');
  const pair = usePair();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (phone.trim()) pair.mutate(phone.trim());
  };
  const refused = fieldText(t, pair.error, 'phone');
  const linked = isProblem(pair.error, 'already_linked');
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 border-t border-line pt-4">
      <Field
        label={t('whatsapp.link.byPhone')}
        hint={t('whatsapp.link.byPhoneHint')}
        type="tel"
        dir="ltr"
        autoComplete="off"
        value={phone}
        error={refused}
        onChange={(event) => setPhone(event.target.value)}
      />
      {!refused && <Refusal error={pair.error} text={linked ? t('whatsapp.link.already') : undefined} />}
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" busy={pair.isPending} disabled={!phone.trim()}>
          {t('whatsapp.link.getCode')}
        </Button>
        <p role="status">
          {pair.data && (
            <>
              <span className="me-2 text-caption text-muted">{t('whatsapp.link.code')}</span>
              <bdi dir="ltr" className="tabular text-title font-bold tracking-widest select-all">
                {pair.data.code}
              </bdi>
            </>
          )}
        </p>
      </div>
    </form>
  );
}
