/** A deal with its fields, its course, and what can be done with it; or a new one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RotateCcw, ThumbsDown, Trash2, Trophy } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Deal, DealBody, Pipeline } from '@/api/types';
import { type Chosen, CustomerField } from '@/components/customer-field';
import { Badge } from '@/components/ui/badge';
import { Button, IconButton } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { useDialog } from '@/components/ui/use-dialog';
import { formatMoney, parseMoney } from '@/format/numbers';
import { useFormat, useNow } from '@/format/use-format';
import { fieldText } from '@/i18n/problem-text';
import { usePeople } from '@/session/people';
import { usePermission, useSession } from '@/session/session';
import { useRemove, useReopen, useWin } from './actions';
import { LoseDialog } from './lose-dialog';
import { dealQuery, historyQuery, pipelinesQuery } from './queries';

interface NewDealProps {
  open: boolean;
  onClose: () => void;
  customer?: Chosen;
  pipeline?: number;
}

export function NewDeal({ open, onClose, customer, pipeline }: NewDealProps) {
  const { t } = useTranslation();
  const pipelines = useQuery({ ...pipelinesQuery, enabled: open });
  if (!open) return null;
  return (
    <Dialog
      side
      open
      onClose={onClose}
      title={t('deals.add')}
      actions={
        <>
          <Button look="primary" type="submit" form="deal" disabled={!pipelines.data}>
            {t('deals.addIt')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      {pipelines.isError && <Trouble small error={pipelines.error} />}
      {pipelines.data ? (
        <DealForm
          deal={null}
          pipelines={pipelines.data}
          {...(customer && { customer })}
          {...(pipeline && { pipeline })}
          onSaved={(deal) => {
            say(t('deals.added', { title: deal.title }));
            onClose();
          }}
        />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Dialog>
  );
}

interface OpenDealProps {
  /** Null while none is open. */
  id: number | null;
  onClose: () => void;
}

export function OpenDeal({ id, onClose }: OpenDealProps) {
  const { t } = useTranslation();
  const deal = useQuery({ ...dealQuery(id ?? 0), enabled: id !== null });
  const pipelines = useQuery({ ...pipelinesQuery, enabled: id !== null });
  const mayWrite = usePermission('deals:write');
  if (id === null) return null;
  const record = deal.data;
  const ways = pipelines.data;
  const loaded = record !== undefined && ways !== undefined;
  const error = deal.error ?? pipelines.error;
  return (
    <Dialog
      side
      open
      onClose={onClose}
      title={record?.body.title ?? t('deals.deal')}
      {...(record && mayWrite && { actions: <Actions deal={record.body} onClose={onClose} /> })}
    >
      {!loaded && !error && <SkeletonRows rows={5} />}
      {!loaded && error && <Trouble small error={error} onRetry={() => void deal.refetch()} />}
      {record && ways && (
        <>
          <Standing deal={record.body} />
          <DealForm
            key={id}
            deal={record.body}
            etag={record.etag}
            pipelines={ways}
            disabled={!mayWrite}
            onSaved={({ title }) => {
              say(t('deals.saved', { title }));
              onClose();
            }}
          />
          <Course deal={id} />
        </>
      )}
    </Dialog>
  );
}

const TONES = { open: 'info', won: 'success', lost: 'neutral' } as const;

function Standing({ deal }: { deal: Deal }) {
  const { t } = useTranslation();
  const status = deal.status as keyof typeof TONES;
  return (
    <p className="flex flex-wrap items-center gap-3 pb-4 text-cell">
      <Badge tone={TONES[status]}>{t(`deals.status.${status}`)}</Badge>
      {deal.lost_reason && <bdi className="text-muted">{deal.lost_reason}</bdi>}
      {deal.customer_id && (
        <Link
          to="/crm/customers/$customerId"
          params={{ customerId: String(deal.customer_id) }}
          className="ms-auto rounded-mark font-semibold text-accent-text hover:underline"
        >
          {t('deals.toCustomer')}
        </Link>
      )}
    </p>
  );
}

function Actions({ deal, onClose }: { deal: Deal; onClose: () => void }) {
  const { t } = useTranslation();
  const mayDelete = usePermission('deals:delete');
  const win = useWin();
  const reopen = useReopen();
  const remove = useRemove();
  const losing = useDialog('lose-open-deal');
  const [sure, setSure] = useState(false);
  const done = (act: () => void) => () => {
    act();
    onClose();
  };
  if (sure)
    return (
      <>
        <Button look="danger" onClick={done(() => remove.mutate(deal))}>
          {t('deals.deleteIt')}
        </Button>
        <Button onClick={() => setSure(false)}>{t('common.back')}</Button>
        <p className="grow basis-full text-cell text-muted">{t('deals.deleteLead')}</p>
      </>
    );
  return (
    <>
      <Button look="primary" type="submit" form="deal">
        {t('common.save')}
      </Button>
      {deal.status === 'open' ? (
        <>
          <Button icon={Trophy} onClick={done(() => win.mutate(deal))}>
            {t('deals.win')}
          </Button>
          <Button icon={ThumbsDown} onClick={losing.show}>
            {t('deals.lose')}
          </Button>
        </>
      ) : (
        <Button icon={RotateCcw} onClick={done(() => reopen.mutate(deal))}>
          {t('deals.reopen')}
        </Button>
      )}
      {mayDelete && (
        <IconButton
          label={t('deals.delete')}
          icon={Trash2}
          className="grow-0!"
          onClick={() => setSure(true)}
        />
      )}
      <LoseDialog open={losing.open} onClose={losing.hide} deal={deal} />
    </>
  );
}

function draftOf(
  deal: Deal | null,
  pipelines: readonly Pipeline[],
  own: number,
  given: Partial<Draft>,
): Draft {
  const usual =
    pipelines.find(({ id }) => id === given.pipeline) ??
    pipelines.find((one) => one.is_default) ??
    pipelines[0];
  return {
    title: deal?.title ?? '',
    customer: deal?.customer_id
      ? { id: deal.customer_id, name: deal.customer_name ?? `#${deal.customer_id}` }
      : (given.customer ?? null),
    pipeline: deal?.pipeline_id ?? usual?.id ?? 0,
    stage: deal?.stage_id ?? usual?.stages[0]?.id ?? 0,
    amount:
      deal?.amount_minor == null ? '' : formatMoney(deal.amount_minor, deal.currency).replace(/ \S+$/, ''),
    close: deal?.expected_close ?? '',
    owner: deal ? String(deal.owner_id ?? '') : String(own),
  };
}

interface Draft {
  title: string;
  customer: Chosen | null;
  pipeline: number;
  stage: number;
  amount: string;
  close: string;
  owner: string;
}

/** What differs from how it was: what one may not see, or did not touch, is not mentioned. */
function changes(draft: Draft, before: Draft | null): DealBody {
  const amount = draft.amount.trim() ? parseMoney(draft.amount) : null;
  const is = <K extends keyof Draft>(field: K) => before === null || before[field] !== draft[field];
  return {
    ...(is('title') && { title: draft.title.trim() }),
    ...((before === null || before.customer?.id !== draft.customer?.id) && {
      customer_id: draft.customer?.id ?? null,
    }),
    ...(is('stage') && { stage_id: draft.stage }),
    ...(is('amount') && { amount_minor: amount }),
    ...(is('close') && { expected_close: draft.close || null }),
    ...(is('owner') && { owner_id: draft.owner ? Number(draft.owner) : null }),
  };
}

interface DealFormProps {
  deal: Deal | null;
  etag?: string | null;
  pipelines: readonly Pipeline[];
  customer?: Chosen;
  pipeline?: number;
  disabled?: boolean;
  onSaved: (deal: Deal) => void;
}

function useSave({ deal, etag, onSaved }: DealFormProps) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: DealBody) => {
      if (!deal) return take(api.POST('/api/deals', { body }));
      return take(
        api.PATCH('/api/deals/{id}', {
          params: { path: { id: deal.id } },
          body,
          headers: etag ? { 'If-Match': etag } : {},
        }),
      );
    },
    onSuccess: onSaved,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.customers.all });
      return client.invalidateQueries({ queryKey: keys.deals.all });
    },
  });
}

function DealForm(props: DealFormProps) {
  const { deal, pipelines, customer, pipeline, disabled = false } = props;
  const { t } = useTranslation();
  const { user } = useSession();
  const { people } = usePeople();
  const [before] = useState(() =>
    draftOf(deal, pipelines, user.id, { ...(customer && { customer }), ...(pipeline && { pipeline }) }),
  );
  const [draft, setDraft] = useState(before);
  const [wrong, setWrong] = useState(false);
  const save = useSave(props);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const stages = pipelines.find(({ id }) => id === draft.pipeline)?.stages ?? [];
  const seesAmount = deal === null || deal.amount_minor !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const amount = draft.amount.trim() === '' ? 0 : parseMoney(draft.amount);
    setWrong(amount === null || amount < 0);
    if (amount !== null && amount >= 0) save.mutate(changes(draft, deal ? before : null));
  };
  const atField = isProblem(save.error) && save.error.fields.size > 0;
  return (
    <form id="deal" onSubmit={submit} className="pb-2">
      <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-4">
        <Field
          label={t('deals.title')}
          required
          autoComplete="off"
          maxLength={300}
          dir={draft.title ? 'auto' : undefined}
          value={draft.title}
          error={fieldText(t, save.error, 'title')}
          onChange={(event) => set({ title: event.target.value })}
        />
        <CustomerField value={draft.customer} onChoose={(chosen) => set({ customer: chosen })} />
        {pipelines.length > 1 && deal?.status !== 'won' && deal?.status !== 'lost' && (
          <Select
            label={t('deals.pipeline')}
            value={String(draft.pipeline)}
            options={pipelines.map(({ id, name }) => ({ value: String(id), label: name }))}
            onChoose={(id) => {
              const chosen = pipelines.find((one) => one.id === Number(id));
              set({ pipeline: Number(id), stage: chosen?.stages[0]?.id ?? 0 });
            }}
          />
        )}
        <Select
          label={t('deals.stage')}
          value={String(draft.stage)}
          disabled={deal !== null && deal.status !== 'open'}
          options={stages.map(({ id, name }) => ({ value: String(id), label: name }))}
          onChoose={(id) => set({ stage: Number(id) })}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          {seesAmount && (
            <Field
              label={t('deals.amountIn', {
                currency: deal?.currency === 'ILS' || !deal ? '₪' : deal.currency,
              })}
              dir="ltr"
              inputMode="decimal"
              autoComplete="off"
              value={draft.amount}
              error={wrong ? t('deals.amountWrong') : fieldText(t, save.error, 'amount_minor')}
              onChange={(event) => set({ amount: event.target.value })}
            />
          )}
          <Field
            label={t('deals.expectedClose')}
            type="date"
            value={draft.close}
            error={fieldText(t, save.error, 'expected_close')}
            onChange={(event) => set({ close: event.target.value })}
          />
        </div>
        <Select
          label={t('deals.owner')}
          value={draft.owner}
          options={[
            { value: '', label: t('deals.ownerNone') },
            ...people.map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          onChoose={(owner) => set({ owner })}
        />
        {!atField && <Refusal error={save.error} />}
      </fieldset>
    </form>
  );
}

/** The steps that it went through, the newest first. */
function Course({ deal }: { deal: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { name } = usePeople();
  const { data } = useQuery(historyQuery(deal));
  if (!data?.length) return null;
  return (
    <section className="border-t border-line pt-4 pb-2">
      <h3 className="pb-2 text-caption font-semibold text-muted">{t('deals.course')}</h3>
      <ol className="flex flex-col gap-2">
        {data.map((step) => (
          <li
            key={`${step.at} ${step.to_stage_id} ${step.to_status}`}
            className="flex items-baseline gap-3 text-caption"
          >
            <span className="min-w-0 grow">
              {step.to_status !== (step.from_status ?? 'open')
                ? t(`deals.status.${step.to_status as 'won'}`)
                : step.from_stage
                  ? t('deals.fromTo', { from: step.from_stage, to: step.to_stage })
                  : t('deals.began', { stage: step.to_stage })}
              {step.reason && <bdi className="text-muted"> · {step.reason}</bdi>}
            </span>
            {name(step.by_id) && <bdi className="shrink-0 text-muted">{name(step.by_id)}</bdi>}
            <span className="tabular shrink-0 text-muted">{format.when(step.at, now)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
