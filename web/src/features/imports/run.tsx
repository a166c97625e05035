/** An import while it runs, and what came of it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { saveText } from '@/api/download';
import type { Import } from '@/api/types';
import { isOver } from '@/api/work';
import { Badge } from '@/components/ui/badge';
import { Button, buttonClass } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Dialog } from '@/components/ui/dialog';
import { Progress } from '@/components/ui/progress';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { formatCount } from '@/format/numbers';
import { type BadRow, badRowsFile, useBadRows } from './bad-rows';
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
        {figures(run).map((figure) => (
          <Figure key={figure.label} {...figure} />
        ))}
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

interface FigureProps {
  label: 'created' | 'updated' | 'wouldCreate' | 'wouldUpdate' | 'takenBack' | 'left' | 'skipped';
  n: number;
}

/** What came of it; after it was undone, what came of that. */
function figures({ dry_run, status, created, updated, undone, kept, skipped }: Import): FigureProps[] {
  const rest = { label: 'skipped' as const, n: skipped };
  if (status === 'undone') return [{ label: 'takenBack', n: undone }, { label: 'left', n: kept }, rest];
  return [
    { label: dry_run ? 'wouldCreate' : 'created', n: created },
    { label: dry_run ? 'wouldUpdate' : 'updated', n: updated },
    rest,
  ];
}

function Figure({ label, n }: FigureProps) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col justify-between gap-1 border-e border-line px-5 py-3 last:border-e-0 max-sm:px-3">
      <dt className="text-caption text-muted">{t(`imports.${label}`)}</dt>
      <dd className={cx('tabular text-title font-bold', n === 0 && 'text-faint')}>{formatCount(n)}</dd>
    </div>
  );
}

const SHOWN_ROWS = 100;

function BadRows({ run, fieldName }: { run: Import; fieldName: (field: string) => string }) {
  const { t } = useTranslation();
  const rows = useBadRows(run, fieldName);
  const save = () => {
    const words = { line: t('imports.bad.row'), reason: t('imports.bad.reason') };
    saveText('import-errors.csv', badRowsFile(run.columns, words, rows), 'text/csv;charset=utf-8');
  };
  return (
    <div className="px-5 pt-4">
      <div className="flex flex-wrap items-center gap-3 pb-2">
        <h3 className="font-bold">{t('imports.bad.title')}</h3>
        <Badge tone="warn">{formatCount(run.skipped)}</Badge>
        <span className="grow" />
        <Button size="sm" icon={Download} onClick={save}>
          {t('imports.bad.download')}
        </Button>
      </div>
      <div className="max-h-80 overflow-y-auto rounded-control border border-line">
        <table className="w-full table-fixed text-cell">
          <thead>
            <tr className="text-caption text-muted">
              <th className="w-16 px-3 py-2 text-start font-semibold">{t('imports.bad.row')}</th>
              <th className="px-3 py-2 text-start font-semibold">{t('imports.bad.content')}</th>
              <th className="px-3 py-2 text-start font-semibold">{t('imports.bad.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN_ROWS).map((bad) => (
              <Bad key={bad.row} bad={bad} />
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

function Bad({ bad: { row, cells, reasons } }: { bad: BadRow }) {
  return (
    <tr className="border-t border-line align-top">
      <td className="tabular px-3 py-2">{row}</td>
      <td className="px-3 py-2">
        <span className="flex flex-wrap gap-x-2 gap-y-1">
          {cells.filter(Boolean).map((value, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the cells of a row that was read do not change
            <bdi key={at} className="max-w-full truncate rounded-mark bg-sunken px-1.5">
              {value}
            </bdi>
          ))}
        </span>
      </td>
      <td className="px-3 py-2">
        {reasons.map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
      </td>
    </tr>
  );
}

/** What is taken back is said before: many customers may go. */
function UndoImport({ run }: { run: Import }) {
  const { t } = useTranslation();
  const dialog = useDialog('undo-import');
  const undo = useUndoImport(run.id);
  const refused = useRefusedFile(undo.error);
  const { created, updated } = run;
  if (created + updated === 0) return null;
  return (
    <>
      <Button icon={Undo2} busy={undo.isPending} onClick={dialog.show}>
        {t('imports.undo')}
      </Button>
      {undo.error && (
        <div className="order-last w-full">
          <Refusal error={undo.error} text={refused} />
        </div>
      )}
      <Dialog
        open={dialog.open}
        onClose={dialog.hide}
        title={t('imports.undoSure')}
        actions={
          <>
            <Button
              look="danger"
              onClick={() => {
                dialog.hide();
                undo.mutate();
              }}
            >
              {t('imports.undo')}
            </Button>
            <Button onClick={dialog.hide}>{t('common.back')}</Button>
          </>
        }
      >
        <ul className="flex list-disc flex-col gap-2 ps-5 pb-3 text-cell">
          {created > 0 && (
            <li>{t('imports.undoCreated', { count: created, shown: formatCount(created) })}</li>
          )}
          {updated > 0 && (
            <li>{t('imports.undoUpdated', { count: updated, shown: formatCount(updated) })}</li>
          )}
        </ul>
      </Dialog>
    </>
  );
}
