/** The audit log: who did what, as whom, on which record. It can be read and narrowed; nobody can change it. */
import { useQuery } from '@tanstack/react-query';
import { Link2, ScrollText, ShieldAlert } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditRow } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Badge } from '@/components/ui/badge';
import { Empty } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { chainOf } from './chain';
import { AuditDetails } from './details';
import { AuditFilterBar } from './filters';
import { type AuditFilters, auditQuery } from './queries';
import { type Names, useActionWords, useActor, useRecordWords } from './row-words';

/** The own business's. */
export function OwnAudit() {
  const { people, name } = usePeople();
  const names: Names = { person: name, business: () => null };
  return <Audit names={names} people={people} />;
}

interface AuditProps {
  names: Names;
  /** Whose acts can be asked for. */
  people: readonly { id: number; name: string }[];
  /** For who sees more than one business. */
  businesses?: readonly { id: number; name: string }[];
}

export function Audit({ names, people, businesses }: AuditProps) {
  const { t } = useTranslation();
  const [filters, setFilters] = useState<AuditFilters>({});
  const [shown, setShown] = useState<AuditRow | null>(null);
  const details = useDialog('audit-row');
  const query = useQuery(auditQuery(filters));
  const columns = useColumns(names, Boolean(businesses), (row) => {
    setShown(row);
    details.show();
  });
  const narrowed = Object.keys(filters).some((name) => name !== 'page');
  return (
    <>
      <p className="max-w-[70ch] text-cell text-muted">{t('audit.lead')}</p>
      <DataTable<AuditRow>
        id="audit"
        title={t('audit.title')}
        columns={columns}
        query={query}
        rowKey={(row) => row.id}
        compactRow={(row) => (
          <Compact
            row={row}
            names={names}
            onOpen={() => {
              setShown(row);
              details.show();
            }}
          />
        )}
        onPage={(page) => setFilters({ ...filters, page })}
        toolbar={
          <AuditFilterBar
            filters={filters}
            onChange={(next) => setFilters(next)}
            people={people}
            {...(businesses && { businesses })}
          />
        }
        aside={<ChainState rows={query.data?.results ?? []} />}
        narrowed={narrowed}
        onClear={() => setFilters({})}
        empty={<Empty icon={ScrollText} title={t('audit.none')} hint={t('audit.noneHint')} />}
      />
      {shown && <AuditDetails open={details.open} onClose={details.hide} row={shown} names={names} />}
    </>
  );
}

/** What the records on this page say about the chain; nothing when no two of them are neighbours. */
function ChainState({ rows }: { rows: readonly AuditRow[] }) {
  const { t } = useTranslation();
  const { compared, broken } = useMemo(() => chainOf(rows), [rows]);
  if (broken.length > 0)
    return (
      <Badge tone="danger" icon={ShieldAlert}>
        {t('audit.broken', { at: broken[0] })}
      </Badge>
    );
  if (compared === 0) return null;
  return (
    <Badge tone="success" icon={Link2}>
      {t('audit.whole')}
    </Badge>
  );
}

function useColumns(names: Names, businesses: boolean, onOpen: (row: AuditRow) => void): Column<AuditRow>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'action',
      title: t('audit.what'),
      fixed: true,
      cell: (row) => <What row={row} onOpen={() => onOpen(row)} />,
    },
    {
      id: 'record',
      title: t('audit.record'),
      width: '9rem',
      from: 'lg',
      cell: (row) => <RecordWords row={row} />,
    },
    {
      id: 'actor',
      title: t('audit.who'),
      width: '11rem',
      cell: (row) => <Actor row={row} names={names} />,
    },
    ...(businesses
      ? [
          {
            id: 'business',
            title: t('audit.business'),
            width: '10rem',
            from: 'xl' as const,
            cell: (row: AuditRow) => (
              <bdi className="text-muted">{names.business(row.business_id) ?? t('audit.noBusiness')}</bdi>
            ),
          },
        ]
      : []),
    {
      id: 'at',
      title: t('audit.at'),
      width: '9.5rem',
      cell: (row) => <At row={row} />,
    },
  ];
}

function What({ row, onOpen }: { row: AuditRow; onOpen: () => void }) {
  const words = useActionWords();
  return (
    <button
      type="button"
      data-row-link
      onClick={onOpen}
      className="block max-w-full truncate rounded-mark text-start font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-control focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
    >
      {words(row.action)}
    </button>
  );
}

function RecordWords({ row }: { row: AuditRow }) {
  const words = useRecordWords();
  return <span className="text-muted">{words(row)}</span>;
}

function Actor({ row, names }: { row: AuditRow; names: Names }) {
  const actor = useActor(names);
  return <bdi className="text-muted">{actor(row)}</bdi>;
}

function At({ row }: { row: AuditRow }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={row.at} title={format.dateTime(row.at)} className="tabular text-muted">
      {format.when(row.at, now)}
    </time>
  );
}

function Compact({ row, names, onOpen }: { row: AuditRow; names: Names; onOpen: () => void }) {
  return (
    <>
      <div className="flex items-baseline gap-2 text-cell">
        <span className="min-w-0 grow truncate">
          <What row={row} onOpen={onOpen} />
        </span>
        <span className="shrink-0 text-caption">
          <At row={row} />
        </span>
      </div>
      <div className="mt-0.5 flex gap-2 text-caption">
        <Actor row={row} names={names} />
        <span aria-hidden className="text-faint">
          ·
        </span>
        <RecordWords row={row} />
      </div>
    </>
  );
}
