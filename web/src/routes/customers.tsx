import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus, Upload, UsersRound } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/keys';
import type { Customer, SavedView } from '@/api/types';
import { useEndless } from '@/components/data-table/endless';
import { useTableOptions } from '@/components/data-table/options';
import { useSelection } from '@/components/data-table/selection';
import { SearchBox } from '@/components/data-table/toolbar';
import { Button, buttonClass } from '@/components/ui/button';
import { PageHead } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { CreateCustomerDialog } from '@/features/customers/create-dialog';
import { BulkBar } from '@/features/customers/list/bulk-bar';
import { CustomersTable } from '@/features/customers/list/customers-table';
import { ExportMenu } from '@/features/customers/list/export-menu';
import { FilterChips } from '@/features/customers/list/filter-chips';
import { FilterButton } from '@/features/customers/list/filter-sheet';
import {
  asked,
  type CustomersSearch,
  type FilterChange,
  type Filters,
  filtersOf,
  readSearch,
} from '@/features/customers/list/filters';
import { Meant } from '@/features/customers/list/meant';
import { customerPages } from '@/features/customers/list/pages';
import { standingOf } from '@/features/customers/list/views';
import { ViewsBar } from '@/features/customers/list/views-bar';
import { formatCount } from '@/format/numbers';
import { useZone } from '@/format/use-format';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/crm/customers');
const NEWEST = '-created_at';

/** The list as its address says it, and what changes the address. */
function useList() {
  const search: CustomersSearch = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZone();
  const filters = useMemo(() => filtersOf(search), [search]);
  const asking = useMemo(() => asked(filters, zone), [filters, zone]);
  const sort = search.sort ?? NEWEST;
  const query = { ...asking, sort };
  const list = useEndless<Customer>(keys.customers.list(query), customerPages(query));
  const change = useCallback(
    (next: FilterChange) =>
      void navigate({
        search: (before) => readSearch({ ...before, ...next }),
        state: true,
        replace: true,
      }),
    [navigate],
  );
  const apply = useCallback(
    (next: Filters) =>
      void navigate({
        search: ({ sort: order, view }) => readSearch({ ...next, sort: order, view }),
        replace: true,
      }),
    [navigate],
  );
  const show = useCallback(
    (view: SavedView | null) => {
      const standing = view && standingOf(view);
      void navigate({
        search: readSearch({ ...standing?.filters, sort: standing?.sort, view: view?.id }),
        // A view that was just made takes the place of the dialog that named it.
        replace: view !== null,
      });
    },
    [navigate],
  );
  return { search, filters, asking, sort, list, change, apply, show };
}

export function CustomersPage() {
  const { t } = useTranslation();
  const { search, filters, asking, sort, list, change, apply, show } = useList();
  const options = useTableOptions('customers');
  const dialog = useDialog('new-customer');
  const mayWrite = usePermission('customers:write');
  const mayBulk = usePermission('customers:bulk');
  const mayImport = usePermission('customers:import');
  const mayExport = usePermission('customers:export');
  const picking = useSelection(JSON.stringify(asking));
  useCrumbs({ label: t('customers.title') });
  const onSearch = useCallback((q: string) => change({ q: q || undefined }), [change]);
  const onSort = useCallback((next: string) => change({ sort: next }), [change]);
  const clear = () => show(null);
  const narrowed = Object.keys(filters).length > 0;
  const deleted = filters.deleted === 'true';
  const { total, meant } = list;
  // What is done with the list is done with those who are shown.
  const shown = meant ? { ...asking, q: meant } : asking;
  const add = mayWrite && (
    <Button look="primary" icon={Plus} onClick={dialog.show}>
      {t('customers.add')}
    </Button>
  );
  const bringIn = mayImport && (
    <Link to="/crm/customers/import" className={buttonClass('quiet')}>
      <Upload aria-hidden className="size-4" strokeWidth={2} />
      {t('customerList.import')}
    </Link>
  );
  return (
    <>
      <PageHead title={t('customers.title')} actions={bringIn} primary={add} />
      <ViewsBar
        chosen={search.view}
        now={{ filters, sort: search.sort, columns: options.columns, density: options.density }}
        worthKeeping={narrowed || Boolean(search.sort)}
        onChoose={(view) => {
          const standing = view && standingOf(view);
          options.setColumns(standing?.columns ?? []);
          if (standing) options.setDensity(standing.density);
          show(view);
        }}
      />
      <CustomersTable
        list={list}
        options={options}
        {...(mayBulk && !deleted && { picking })}
        sort={sort}
        onSort={onSort}
        narrowed={narrowed}
        onClear={clear}
        deleted={deleted}
        toolbar={
          <>
            <SearchBox value={search.q ?? ''} onSearch={onSearch} placeholder={t('customers.search')} />
            <FilterButton filters={filters} onApply={apply} />
            <FilterChips filters={filters} onChange={change} />
          </>
        }
        note={meant && search.q && <Meant typed={search.q} meant={meant} onTake={onSearch} />}
        aside={
          total !== undefined &&
          total > 0 && (
            <>
              <span className="tabular text-caption text-muted">
                {t('customerList.total', { count: total, shown: formatCount(total) })}
              </span>
              {mayExport && <ExportMenu total={total} filter={shown} />}
            </>
          )
        }
        empty={
          <Empty
            icon={UsersRound}
            title={t('customers.emptyTitle')}
            hint={t('customers.emptyHint')}
            action={
              <span className="flex flex-wrap justify-center gap-2">
                {add}
                {bringIn}
              </span>
            }
          />
        }
      />
      {mayBulk && <BulkBar picking={picking} total={total ?? 0} filter={shown} />}
      <CreateCustomerDialog />
    </>
  );
}
