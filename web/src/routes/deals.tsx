import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Handshake, Plus } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { FilterChip, FilterMenu, SearchBox, Views } from '@/components/data-table/toolbar';
import { Button } from '@/components/ui/button';
import { MenuChoice, MenuLabel, MenuLine } from '@/components/ui/menu';
import { PageHead } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { Board } from '@/features/deals/board';
import { NewDeal, OpenDeal } from '@/features/deals/deal-dialog';
import { DealsTable } from '@/features/deals/deals-table';
import { Forecast } from '@/features/deals/forecast';
import { type DealFilters, pipelinesQuery } from '@/features/deals/queries';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/deals');

type Search = ReturnType<typeof route.useSearch>;
type Change = { [K in keyof Search]?: Search[K] | undefined };

const VIEWS = ['board', 'list', 'forecast'] as const;
const STATUSES = ['open', 'won', 'lost'] as const;

function useSet() {
  const navigate = route.useNavigate();
  return useCallback(
    (change: Change, replace = true) =>
      void navigate({
        search: (before) => {
          const { page: _page, ...kept } = before;
          return Object.fromEntries(Object.entries({ ...kept, ...change }).filter(([, value]) => value));
        },
        // A dialog that stands over the page stays while its address is mended.
        state: replace ? true : {},
        replace,
        resetScroll: false,
      }),
    [navigate],
  );
}

export function DealsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const set = useSet();
  const making = useDialog('new-deal');
  const mayWrite = usePermission('deals:write');
  const view = search.view ?? 'board';
  useCrumbs({ label: t('deals.name') });
  const add = mayWrite && (
    <Button look="primary" icon={Plus} onClick={making.show}>
      {t('deals.add')}
    </Button>
  );
  return (
    <>
      <PageHead title={t('deals.name')} primary={add} />
      <Views
        label={t('deals.views')}
        value={view}
        onChoose={(next) => set({ view: next === 'board' ? undefined : next, stage: undefined })}
        options={VIEWS.map((value) => ({ value, label: t(`deals.view.${value}`) }))}
      />
      <div className="flex min-w-0 flex-col gap-3 pt-4">
        <Shown search={search} set={set} add={add} />
      </div>
      <NewDeal
        open={making.open}
        onClose={making.hide}
        {...(search.pipeline && { pipeline: search.pipeline })}
      />
      <OpenDeal id={search.deal ?? null} onClose={() => set({ deal: undefined })} />
    </>
  );
}

interface ShownProps {
  search: Search;
  set: (change: Change, replace?: boolean) => void;
  add: React.ReactNode;
}

function Shown({ search, set, add }: ShownProps) {
  const { t } = useTranslation();
  const { view = 'board', q, pipeline, owner, stage, status, sort, page } = search;
  const shared: DealFilters = {
    ...(q && { q }),
    ...(pipeline && { pipeline_id: pipeline }),
    ...(owner && { owner_id: owner }),
  };
  const narrowed = Boolean(q || owner || stage || status);
  const clear = () => set({ q: undefined, owner: undefined, stage: undefined, status: undefined });
  const tools = <Tools search={search} set={set} />;
  if (view === 'forecast')
    return (
      <>
        <div className="flex flex-wrap items-center gap-2">{tools}</div>
        <Forecast filters={shared} />
      </>
    );
  if (view === 'list')
    return (
      <DealsTable
        id="deals"
        filters={{
          ...shared,
          ...(stage && { stage_id: stage }),
          ...(status && { status }),
          ...(sort && { sort }),
          ...(page && { page }),
        }}
        onOpen={({ id }) => set({ deal: id }, false)}
        onSort={(next) => set({ sort: next })}
        onPage={(next) => set({ page: next })}
        narrowed={narrowed}
        onClear={clear}
        toolbar={tools}
        empty={<Empty icon={Handshake} title={t('deals.none')} hint={t('deals.noneHint')} action={add} />}
      />
    );
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">{tools}</div>
      <Board
        filters={shared}
        onOpen={({ id }) => set({ deal: id }, false)}
        add={add}
        narrowed={narrowed}
        more={(id) => (
          <Button
            look="ghost"
            size="sm"
            className="w-full"
            onClick={() => set({ view: 'list', stage: id, status: 'open' }, false)}
          >
            {t('deals.more')}
          </Button>
        )}
      />
    </>
  );
}

function Tools({ search, set }: Omit<ShownProps, 'add'>) {
  const { t } = useTranslation();
  const { people, name } = usePeople();
  const pipelines = useQuery(pipelinesQuery).data ?? [];
  const usual = pipelines.find((pipeline) => pipeline.is_default)?.id;
  const onSearch = useCallback((q: string) => set({ q }), [set]);
  const stage = pipelines.flatMap(({ stages }) => stages).find(({ id }) => id === search.stage);
  const owner = search.owner === 'none' ? t('deals.ownerNone') : name(Number(search.owner));
  return (
    <>
      <SearchBox value={search.q ?? ''} onSearch={onSearch} placeholder={t('deals.search')} />
      <FilterMenu>
        {pipelines.length > 1 && (
          <>
            <MenuLabel>{t('deals.pipeline')}</MenuLabel>
            <MenuChoice
              value={String(search.pipeline ?? usual ?? '')}
              onChoose={(id) =>
                set({ pipeline: Number(id) === usual ? undefined : Number(id), stage: undefined })
              }
              options={pipelines.map((pipeline) => ({ value: String(pipeline.id), label: pipeline.name }))}
            />
            <MenuLine />
          </>
        )}
        {search.view === 'list' && (
          <>
            <MenuLabel>{t('deals.statusLabel')}</MenuLabel>
            <MenuChoice
              value={search.status ?? ''}
              onChoose={(status) => set({ status })}
              options={[
                { value: '', label: t('common.all') },
                ...STATUSES.map((value) => ({ value, label: t(`deals.status.${value}`) })),
              ]}
            />
            <MenuLine />
          </>
        )}
        <MenuLabel>{t('deals.owner')}</MenuLabel>
        <MenuChoice
          value={search.owner ?? ''}
          onChoose={(chosen) => set({ owner: chosen })}
          options={[
            { value: '', label: t('common.all') },
            ...people.map((user) => ({ value: String(user.id), label: user.name })),
            { value: 'none', label: t('deals.ownerNone') },
          ]}
        />
      </FilterMenu>
      {search.pipeline && (
        <FilterChip
          name={pipelines.find(({ id }) => id === search.pipeline)?.name ?? t('deals.pipeline')}
          onRemove={() => set({ pipeline: undefined, stage: undefined })}
        />
      )}
      {search.status && search.view === 'list' && (
        <FilterChip
          name={t(`deals.status.${search.status as 'won'}`)}
          onRemove={() => set({ status: undefined })}
        />
      )}
      {stage && <FilterChip name={stage.name} onRemove={() => set({ stage: undefined })} />}
      {owner && <FilterChip name={owner} onRemove={() => set({ owner: undefined })} />}
    </>
  );
}
