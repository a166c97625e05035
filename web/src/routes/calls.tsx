import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Headset, Phone } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { FilterChip, FilterMenu, SearchBox, Views } from '@/components/data-table/toolbar';
import { Count } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { MenuChoice, MenuLabel, MenuLine, MenuToggle } from '@/components/ui/menu';
import { PageHead } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { CallsTable } from '@/features/calls/calls-table';
import { OUTCOME_NAMES } from '@/features/calls/state';
import { WaitingTable } from '@/features/calls/waiting-table';
import { useFormat, useNow } from '@/format/use-format';
import { waitingCountQuery } from '@/session/counts';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/calls');

type Search = ReturnType<typeof route.useSearch>;
type Change = { [K in keyof Search]?: Search[K] | undefined };

export function CallsPage() {
  const { t } = useTranslation();
  const { view = 'waiting' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: waiting } = useQuery(waitingCountQuery);
  const mayCall = usePermission('calls:work');
  useCrumbs({ label: t('shell.calls') });
  return (
    <>
      <PageHead
        title={t('shell.calls')}
        actions={
          mayCall && (
            <Link to="/test-call" className={buttonClass('quiet')}>
              <Headset aria-hidden className="size-4" />
              {t('shell.testCall')}
            </Link>
          )
        }
      />
      <Views
        label={t('calls.views')}
        value={view}
        onChoose={(next) => void navigate({ search: next === 'all' ? { view: 'all' } : {} })}
        options={[
          {
            value: 'waiting',
            label: (
              <>
                {t('calls.waitingView')}
                {waiting ? <Count>{waiting}</Count> : null}
              </>
            ),
          },
          { value: 'all', label: t('calls.allView') },
        ]}
      />
      <div className="pt-4">{view === 'all' ? <AllCalls /> : <WaitingCalls />}</div>
    </>
  );
}

/** Since when, or until when, as a chip that takes it away. */
function TimeChips({ search, set }: FilterProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <>
      {search.from && (
        <FilterChip
          name={t('calls.sinceChip', { when: format.when(search.from, now) })}
          onRemove={() => set({ from: undefined, counted: undefined })}
        />
      )}
      {search.before && (
        <FilterChip
          name={t('calls.beforeChip', { when: format.when(search.before, now) })}
          onRemove={() => set({ before: undefined })}
        />
      )}
      {search.handled_from && (
        <FilterChip
          name={t('calls.handledSinceChip', { when: format.when(search.handled_from, now) })}
          onRemove={() => set({ handled_from: undefined, counted: undefined })}
        />
      )}
      {search.callback && (
        <FilterChip
          name={search.callback === 'true' ? t('calls.waitingView') : t('calls.settledChip')}
          onRemove={() => set({ callback: undefined })}
        />
      )}
    </>
  );
}

function useSet() {
  const navigate = route.useNavigate();
  return useCallback(
    (change: Change) =>
      void navigate({
        search: (before) => {
          const { page: _page, ...kept } = before;
          const next = { ...kept, ...change };
          return Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as Search;
        },
        state: true,
        replace: true,
      }),
    [navigate],
  );
}

function WaitingCalls() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = useSet();
  const { from, before, reason } = search;
  const narrowed = Boolean(from || before || reason);
  return (
    <WaitingTable
      filters={{ ...(from && { from }), ...(before && { before }), ...(reason && { reason }) }}
      onClear={() => void navigate({ search: {} })}
      {...(narrowed && { toolbar: <TimeChips search={search} set={set} /> })}
    />
  );
}

function AllCalls() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { view: _view, recorded, page, callback, before: _before, reason: _reason, ...rest } = search;
  const set = useSet();
  const onSearch = useCallback((q: string) => set({ q }), [set]);
  const clear = () => void navigate({ search: { view: 'all' } });
  const { from, handled_from } = search;
  const narrowed = Boolean(
    search.q ||
      search.direction ||
      search.outcome ||
      recorded ||
      search.test ||
      from ||
      handled_from ||
      callback,
  );
  return (
    <CallsTable
      id="calls"
      filters={{
        ...rest,
        ...(page && { page }),
        ...(recorded && { has_recording: true }),
        ...(callback && { needs_callback: callback }),
      }}
      onSort={(sort) => set({ sort })}
      onPage={(next) => void navigate({ search: (before) => ({ ...before, page: next }) })}
      narrowed={narrowed}
      onClear={clear}
      toolbar={
        <>
          <SearchBox value={search.q ?? ''} onSearch={onSearch} placeholder={t('calls.search')} />
          <CallFilterMenu search={search} set={set} />
          <TimeChips search={search} set={set} />
          {search.direction && (
            <FilterChip
              name={search.direction === 'out' ? t('calls.out') : t('calls.in')}
              onRemove={() => set({ direction: '' })}
            />
          )}
          {search.outcome && (
            <FilterChip
              name={t(`calls.outcome.${search.outcome as 'talked'}`)}
              onRemove={() => set({ outcome: '' })}
            />
          )}
          {recorded && (
            <FilterChip name={t('calls.filterRecorded')} onRemove={() => set({ recorded: undefined })} />
          )}
          {search.test && (
            <FilterChip name={t('calls.filterTest')} onRemove={() => set({ test: undefined })} />
          )}
        </>
      }
      empty={
        <Empty
          icon={Phone}
          title={t('calls.allEmpty')}
          hint={t('calls.allEmptyHint')}
          action={
            <Link to="/test-call" className={buttonClass('primary')}>
              {t('shell.testCall')}
            </Link>
          }
        />
      }
    />
  );
}

interface FilterProps {
  search: Search;
  set: (change: Change) => void;
}

function CallFilterMenu({ search, set }: FilterProps) {
  const { t } = useTranslation();
  return (
    <FilterMenu>
      <MenuLabel>{t('calls.filterDirection')}</MenuLabel>
      <MenuChoice
        value={search.direction ?? ''}
        onChoose={(direction) => set({ direction })}
        options={[
          { value: '', label: t('common.all') },
          { value: 'in', label: t('calls.in') },
          { value: 'out', label: t('calls.out') },
        ]}
      />
      <MenuLine />
      <MenuLabel>{t('calls.filterOutcome')}</MenuLabel>
      <MenuChoice
        value={search.outcome ?? ''}
        onChoose={(outcome) => set({ outcome })}
        options={[
          { value: '', label: t('common.all') },
          ...OUTCOME_NAMES.map((name) => ({ value: name, label: t(`calls.outcome.${name}`) })),
        ]}
      />
      <MenuLine />
      <MenuToggle checked={search.recorded === true} onChange={(on) => set({ recorded: on || undefined })}>
        {t('calls.filterRecorded')}
      </MenuToggle>
      <MenuToggle checked={search.test === true} onChange={(on) => set({ test: on || undefined })}>
        {t('calls.filterTest')}
      </MenuToggle>
    </FilterMenu>
  );
}
