/** An import while it runs, and what came of it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { saveText } from '@/api/download';
import type { Import } from '@/api/types';
import { isOver } from '@/api/work';
import { Badge, type Tone } from '@/components/ui/badge';
import { Button, buttonClass } from '@/components/ui/button';
import { Progress } from '@/components/ui/progress';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { formatCount } from '@/format/numbers';
import { type BadRow, badRowsFile, keyOf, useBadRows } from './bad-rows';
import { importQuery, useUndoImport } from './queries';
import { useRefusedFile } from './refused-file';

interface ImportRunProps {
  id: number;
  /** The words of a field that a column fills. */
  fieldName: (field: string) => string;
  /** After a trial: the same file in earnest, while it is at hand. */
  again: ((of: Import) => ReactNode) | undefined;
  /** What leads to the next file. */
  next: ReactNode;
}

export function ImportRun({ id, fieldName, again, next }: ImportRunProps) {
  const query = useQuery(importQuery(id));
  const run = query.data;
  return (
    <section className="rounded-card border border-line bg-surface">
      {query.isPending && <SkeletonRows rows={3} />}
      {!run && query.isError && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {run && !isOver(run) && <Running run={run} />}
      {run && isOver(run) && (
        <Result run={run} fieldName={fieldName}>
          {again?.(run)}
          {next}
        </Result>
      )}
    </section>
  );
}

function Running({ run }: { run: Import }) {
  const { t } = useTranslation();
  const undoing = run.status === 'undoing';
  const label = undoing
    ? t('imports.undoing')
    : t(run.dry_run ? 'imports.trying' : 'imports.running', { file: run.file_name });
  return (
    <div className="px-5 py-6">
      <Progress
        label={label}
        done={undoing ? run.undone + run.kept : run.done}
        of={undoing ? run.created + run.updated : run.rows}
      />
      {!run.dry_run && <p className="mt-3 text-caption text-muted">{t('imports.goesOn')}</p>}
    </div>
  );
}

function titleOf(run: Import) {
  if (run.status === 'undone') return 'imports.undoneTitle' as const;
  if (run.status === 'failed') return 'imports.failedTitle' as const;
  return run.dry_run ? ('imports.triedTitle' as const) : ('imports.doneTitle' as const);
}

interface ResultProps {
  run: Import;
  fieldName: (field: string) => string;
  children: ReactNode;
}

function Result({ run, fieldName, children }: ResultProps) {
  const { t } = useTranslation();
  const undone = run.status === 'undone';
  return (
    <>
      <header className="px-5 pt-4" aria-live="polite">
        <h2 className="text-lead font-bold">{t(titleOf(run))}</h2>
        <p className="truncate text-caption text-muted">
          <bdi>{run.file_name}</bdi>
        </p>
        {run.dry_run && <p className="mt-1 text-cell text-muted">{t('imports.nothingWritten')}</p>}
        {undone && run.kept > 0 && (
          <p className="mt-1 text-cell text-muted">
            {t('imports.keptBack', { count: run.kept, shown: formatCount(run.kept) })}
          </p>
        )}
      </header>
      <dl className="mt-4 grid grid-cols-3 border-y border-line">
        <Figure
          label={t(run.dry_run ? 'imports.wouldCreate' : 'imports.created')}
          n={run.created}
          tone="success"
        />
        <Figure
          label={t(run.dry_run ? 'imports.wouldUpdate' : 'imports.updated')}
          n={run.updated}
          tone="info"
        />
        <Figure label={t('imports.skipped')} n={run.skipped} tone="warn" />
      </dl>
      {run.errors.length > 0 && <BadRows run={run} fieldName={fieldName} />}
      <footer className="flex flex-wrap items-center gap-2 px-5 py-4">
        {!run.dry_run && !undone && (
          <Link to="/crm/customers" search={{ source: 'import' }} className={buttonClass('primary')}>
            {t('imports.toCustomers')}
          </Link>
        )}
        {children}
        {!run.dry_run && !undone && <UndoImport run={run} />}
      </footer>
    </>
  );
}

function Figure({ label, n, tone }: { label: string; n: number; tone: Tone }) {
  return (
    <div className="flex flex-col justify-between gap-1 border-e border-line px-5 py-3 last:border-e-0 max-sm:px-3">
      <dt className="text-caption text-muted">{label}</dt>
      <dd className="tabular text-title font-bold">
        {n > 0 || tone === 'success' ? formatCount(n) : <span className="text-faint">0</span>}
      </dd>
    </div>
  );
}

const SHOWN_ROWS = 100;

function BadRows({ run, fieldName }: { run: Import; fieldName: (field: string) => string }) {
  const { t } = useTranslation();
  const rows = useBadRows(run, fieldName);
  const unlisted = Math.max(0, run.error_count - run.errors.length);
  const save = () => {
    const headings = [t('imports.bad.row'), t('imports.bad.field'), t('imports.bad.reason')];
    saveText('import-errors.csv', badRowsFile(headings, rows), 'text/csv;charset=utf-8');
  };
  return (
    <div className="px-5 pt-4">
      <div className="flex flex-wrap items-center gap-3 pb-2">
        <h3 className="font-bold">{t('imports.bad.title')}</h3>
        <Badge tone="warn">{formatCount(rows.length + unlisted)}</Badge>
        <span className="grow" />
        <Button size="sm" icon={Download} onClick={save}>
          {t('imports.bad.download')}
        </Button>
      </div>
      <div className="max-h-80 overflow-y-auto rounded-control border border-line">
        <table className="w-full text-cell">
          <thead>
            <tr className="text-caption text-muted">
              <th className="px-3 py-2 text-start font-semibold">{t('imports.bad.row')}</th>
              <th className="px-3 py-2 text-start font-semibold">{t('imports.bad.field')}</th>
              <th className="px-3 py-2 text-start font-semibold">{t('imports.bad.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN_ROWS).map((bad) => (
              <Bad key={keyOf(bad)} bad={bad} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > SHOWN_ROWS && (
        <p className="pt-2 text-caption text-muted">{t('imports.bad.more', { shown: SHOWN_ROWS })}</p>
      )}
    </div>
  );
}

function Bad({ bad }: { bad: BadRow }) {
  return (
    <tr className="border-t border-line">
      <td className="tabular px-3 py-2">{bad.row}</td>
      <td className="px-3 py-2">{bad.field}</td>
      <td className="px-3 py-2">{bad.reason}</td>
    </tr>
  );
}

function UndoImport({ run }: { run: Import }) {
  const { t } = useTranslation();
  const undo = useUndoImport(run.id);
  const refused = useRefusedFile(undo.error);
  if (run.created + run.updated === 0) return null;
  return (
    <>
      <Button icon={Undo2} busy={undo.isPending} onClick={() => undo.mutate()}>
        {t('imports.undo')}
      </Button>
      {undo.error && (
        <div className="order-last w-full">
          <Refusal error={undo.error} text={refused} />
        </div>
      )}
    </>
  );
}
