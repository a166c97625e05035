/** The stages that deals go through: named, ordered, added and taken away. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Pipeline } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Panel } from '@/components/ui/panel';
import { Select } from '@/components/ui/select';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { pipelinesQuery } from './queries';

const MOST_STAGES = 30;

export function Pipelines() {
  const { t } = useTranslation();
  const query = useQuery(pipelinesQuery);
  if (query.isPending)
    return (
      <Panel>
        <SkeletonRows rows={5} />
      </Panel>
    );
  if (!query.data)
    return (
      <Panel>
        <Trouble error={query.error} onRetry={() => void query.refetch()} />
      </Panel>
    );
  return (
    <>
      {query.data.map((pipeline) => (
        <Editor key={`${pipeline.id} ${pipeline.updated_at}`} pipeline={pipeline} />
      ))}
      <NewPipeline names={query.data.map(({ name }) => name)} first={t('deals.firstStage')} />
    </>
  );
}

interface Row {
  /** Its place in the form while it is edited. */
  key: number;
  id: number | null;
  name: string;
  probability: string;
}

function rowsOf(pipeline: Pipeline): Row[] {
  return pipeline.stages.map((stage) => ({
    ...stage,
    key: stage.id,
    probability: String(stage.probability),
  }));
}

interface InUse {
  id: number;
  name: string;
  deals: number;
}

/** The stages that can not go because of their deals, as the refusal names them. */
function inUse(error: unknown): InUse[] {
  if (!isProblem(error, 'stage_in_use')) return [];
  return (error.document as { stages?: InUse[] }).stages ?? [];
}

function useSave(pipeline: Pipeline) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, rows, move_to }: { name: string; rows: Row[]; move_to: number | null }) =>
      take(
        api.PATCH('/api/pipelines/{id}', {
          params: { path: { id: pipeline.id } },
          body: {
            name: name.trim(),
            stages: rows.map((row) => ({
              ...(row.id !== null && { id: row.id }),
              name: row.name.trim(),
              probability: Number(row.probability) || 0,
            })),
            ...(move_to !== null && { move_to }),
          },
        }),
      ),
    onSuccess: () => {
      say(t('deals.stagesSaved'));
      return client.invalidateQueries({ queryKey: keys.deals.all });
    },
  });
}

function Editor({ pipeline }: { pipeline: Pipeline }) {
  const { t } = useTranslation();
  const [name, setName] = useState(pipeline.name);
  const [rows, setRows] = useState(() => rowsOf(pipeline));
  const [target, setTarget] = useState('');
  const save = useSave(pipeline);
  const dirty = name !== pipeline.name || JSON.stringify(rows) !== JSON.stringify(rowsOf(pipeline));
  const full = inUse(save.error);
  const staying = rows.filter((row) => row.id !== null);
  const move_to = target ? Number(target) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, rows, move_to });
  };
  const discard = () => {
    setName(pipeline.name);
    setRows(rowsOf(pipeline));
    save.reset();
  };
  return (
    <Panel title={pipeline.name}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pb-5">
        <p className="max-w-[70ch] text-cell text-muted">{t('deals.stagesLead')}</p>
        <div className="max-w-80">
          <Field
            label={t('deals.pipelineName')}
            required
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <Stages rows={rows} onChange={setRows} />
        {full.length > 0 && (
          <div className="max-w-96">
            <Select
              label={t('deals.moveDeals', {
                stages: full.map((stage) => `${stage.name} (${stage.deals})`).join(', '),
              })}
              value={target}
              options={[
                { value: '', label: t('deals.chooseStage') },
                ...staying.map((row) => ({ value: String(row.id), label: row.name })),
              ]}
              onChoose={setTarget}
            />
          </div>
        )}
        {full.length === 0 && <Refusal error={save.error} />}
        <div className="flex flex-wrap items-center gap-2">
          <Button
            icon={Plus}
            disabled={rows.length >= MOST_STAGES}
            onClick={() => setRows([...rows, { key: -Date.now(), id: null, name: '', probability: '50' }])}
          >
            {t('deals.addStage')}
          </Button>
          {dirty && (
            <>
              <Button look="primary" type="submit" busy={save.isPending}>
                {t('common.save')}
              </Button>
              <Button look="ghost" onClick={discard}>
                {t('business.discard')}
              </Button>
            </>
          )}
        </div>
      </form>
    </Panel>
  );
}

function Stages({ rows, onChange }: { rows: Row[]; onChange: (rows: Row[]) => void }) {
  const { t } = useTranslation();
  const change = (at: number, part: Partial<Row>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  const moved = (at: number, by: number) => {
    const next = [...rows];
    const [row] = next.splice(at, 1);
    if (row) next.splice(at + by, 0, row);
    onChange(next);
  };
  return (
    <ol className="flex flex-col gap-2">
      {rows.map((row, at) => (
        <li
          key={row.key}
          className="flex flex-wrap items-center gap-2 rounded-control border border-line p-2 sm:flex-nowrap"
        >
          <div className="min-w-0 grow basis-40">
            <Field
              labelHidden
              label={t('deals.stageN', { n: at + 1 })}
              required
              maxLength={60}
              dir={row.name ? 'auto' : undefined}
              value={row.name}
              onChange={(event) => change(at, { name: event.target.value })}
            />
          </div>
          <div className="w-28">
            <Field
              labelHidden
              label={t('deals.probabilityN', { n: at + 1 })}
              type="number"
              min={0}
              max={100}
              dir="ltr"
              adornment={<span className="pe-2 text-cell text-muted">%</span>}
              value={row.probability}
              onChange={(event) => change(at, { probability: event.target.value })}
            />
          </div>
          <div className="flex shrink-0">
            <IconButton
              label={t('deals.stageUp', { name: row.name })}
              icon={ArrowUp}
              disabled={at === 0}
              onClick={() => moved(at, -1)}
            />
            <IconButton
              label={t('deals.stageDown', { name: row.name })}
              icon={ArrowDown}
              disabled={at === rows.length - 1}
              onClick={() => moved(at, 1)}
            />
            <IconButton
              label={t('deals.stageRemove', { name: row.name })}
              icon={X}
              disabled={rows.length === 1}
              onClick={() => onChange(rows.filter((_, index) => index !== at))}
            />
          </div>
        </li>
      ))}
    </ol>
  );
}

function NewPipeline({ names, first }: { names: readonly string[]; first: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/pipelines', {
          body: { name: name.trim(), stages: [{ name: first, probability: 10 }] },
        }),
      ),
    onSuccess: () => {
      setName('');
      return client.invalidateQueries({ queryKey: keys.deals.all });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) make.mutate();
  };
  return (
    <Panel title={t('deals.newPipeline')}>
      <form onSubmit={submit} className="flex flex-wrap items-start gap-3 px-5 pb-5">
        <div className="w-72 max-sm:w-full">
          <Field
            label={t('deals.pipelineName')}
            maxLength={60}
            value={name}
            error={names.includes(name.trim()) ? t('deals.pipelineTaken') : undefined}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <Button type="submit" icon={Plus} busy={make.isPending} className="max-sm:w-full sm:mt-7 h-10!">
          {t('common.add')}
        </Button>
        <div className="basis-full">
          <Refusal error={make.error} />
        </div>
      </form>
    </Panel>
  );
}
