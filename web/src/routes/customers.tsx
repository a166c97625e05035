import { getRouteApi } from '@tanstack/react-router';
import { Plus, UsersRound } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { FilterChip, FilterMenu, SearchBox } from '@/components/data-table/toolbar';
import { Button } from '@/components/ui/button';
import { MenuChoice, MenuLabel } from '@/components/ui/menu';
import { PageHead } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { CreateCustomerDialog } from '@/features/customers/create-dialog';
import { CustomersTable } from '@/features/customers/customers-table';
import { STATUS_NAMES, useStatusName } from '@/features/customers/status';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/crm/customers');

type Search = ReturnType<typeof route.useSearch>;
type Change = { [K in keyof Search]?: Search[K] | undefined };

export function CustomersPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const dialog = useDialog('new-customer');
  const mayWrite = usePermission('customers:write');
  const statusName = useStatusName();
  useCrumbs({ label: t('customers.title') });
  const set = useCallback(
    (change: Change) =>
      void navigate({
        search: (before) => {
          const { page: _page, ...kept } = before;
          return Object.fromEntries(
            Object.entries({ ...kept, ...change }).filter(([, value]) => value),
          ) as Search;
        },
        replace: true,
      }),
    [navigate],
  );
  const onSearch = useCallback((q: string) => set({ q }), [set]);
  const add = mayWrite && (
    <Button look="primary" icon={Plus} onClick={dialog.show}>
      {t('customers.add')}
    </Button>
  );
  return (
    <>
      <PageHead title={t('customers.title')} primary={add} />
      <CustomersTable
        filters={search}
        onSort={(sort) => set({ sort })}
        onPage={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
        narrowed={Boolean(search.q || search.status)}
        onClear={() => void navigate({ search: {} })}
        toolbar={
          <>
            <SearchBox value={search.q ?? ''} onSearch={onSearch} placeholder={t('customers.search')} />
            <FilterMenu>
              <MenuLabel>{t('customers.filterStatus')}</MenuLabel>
              <MenuChoice
                value={search.status ?? ''}
                onChoose={(status) => set({ status })}
                options={[
                  { value: '', label: t('common.all') },
                  ...STATUS_NAMES.map((value) => ({ value, label: t(`customers.status.${value}`) })),
                ]}
              />
            </FilterMenu>
            {search.status && (
              <FilterChip name={statusName(search.status)} onRemove={() => set({ status: undefined })} />
            )}
          </>
        }
        empty={
          <Empty
            icon={UsersRound}
            title={t('customers.emptyTitle')}
            hint={t('customers.emptyHint')}
            action={add}
          />
        }
      />
      <CreateCustomerDialog />
    </>
  );
}
