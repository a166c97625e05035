/** All businesses: search, make, change, close, and act in the name of one. */
import { useQuery } from '@tanstack/react-query';
import { Building2, DoorOpen, Ellipsis, Pencil, Power, PowerOff, UsersRound } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Business } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Badge } from '@/components/ui/badge';
import { IconButton } from '@/components/ui/button';
import { Menu, MenuItem, MenuLine } from '@/components/ui/menu';
import { Empty } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { useDialog } from '@/components/ui/use-dialog';
import { useFormat } from '@/format/use-format';
import { useSession } from '@/session/session';
import { BusinessDialog } from './business-dialog';
import { ImpersonateDialog } from './impersonate-dialog';
import { MODULES } from './modules';
import { type BusinessFilters, businessesQuery, statsQuery, useActivity } from './queries';

interface BusinessesProps {
  filters: BusinessFilters;
  toolbar: ReactNode;
  onSort: (sort: string) => void;
  onPage: (page: number) => void;
  onPeople: (business: Business) => void;
  narrowed: boolean;
  onClear: () => void;
}

export function Businesses({
  filters,
  toolbar,
  onSort,
  onPage,
  onPeople,
  narrowed,
  onClear,
}: BusinessesProps) {
  const { t } = useTranslation();
  const query = useQuery(businessesQuery(filters));
  const editing = useDialog('edit-business');
  const acting = useDialog('impersonate');
  const [chosen, setChosen] = useState<Business | null>(null);
  const columns = useColumns();
  const acts = (business: Business) => (
    <Acts
      business={business}
      onEdit={() => {
        setChosen(business);
        editing.show();
      }}
      onAct={() => {
        setChosen(business);
        acting.show();
      }}
      onPeople={() => onPeople(business)}
    />
  );
  return (
    <>
      <DataTable<Business>
        id="businesses"
        title={t('admin.section.businesses')}
        columns={columns}
        query={query}
        rowKey={(business) => business.id}
        compactRow={(business) => <Compact business={business} />}
        rowActions={acts}
        actionsShown
        sort={filters.sort ?? 'name'}
        onSort={onSort}
        onPage={onPage}
        toolbar={toolbar}
        narrowed={narrowed}
        onClear={onClear}
        empty={
          <Empty icon={Building2} title={t('admin.business.none')} hint={t('admin.business.noneHint')} />
        }
      />
      {chosen && (
        <>
          <BusinessDialog open={editing.open} onClose={editing.hide} business={chosen} />
          <ImpersonateDialog open={acting.open} onClose={acting.hide} business={chosen} />
        </>
      )}
    </>
  );
}

function useColumns(): Column<Business>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'name',
        title: t('admin.business.name'),
        sort: 'name',
        fixed: true,
        cell: (business) => <Name business={business} />,
      },
      {
        id: 'modules',
        title: t('admin.business.modules'),
        width: '9rem',
        from: 'lg',
        cell: (business) => <Modules business={business} />,
      },
      {
        id: 'counts',
        title: t('admin.sums.calls'),
        width: '5.5rem',
        cell: (business) => <Count business={business} of="calls" />,
      },
      {
        id: 'customers',
        title: t('admin.sums.customers'),
        width: '7rem',
        from: 'xl',
        cell: (business) => <Count business={business} of="customers" />,
      },
      {
        id: 'users',
        title: t('admin.sums.users'),
        width: '6rem',
        from: 'xl',
        cell: (business) => <Count business={business} of="users" />,
      },
      {
        id: 'created',
        title: t('admin.business.since'),
        width: '7.5rem',
        sort: 'created_at',
        from: 'lg',
        cell: (business) => <span className="tabular text-muted">{format.date(business.created_at)}</span>,
      },
    ],
    [t, format],
  );
}

function useSums(business: Business) {
  const { data } = useQuery(statsQuery);
  return data?.per_business.find(({ business_id }) => business_id === business.id);
}

function Count({ business, of }: { business: Business; of: 'calls' | 'customers' | 'users' }) {
  const sums = useSums(business);
  return <span className="tabular">{sums?.[of] ?? ''}</span>;
}

function Name({ business }: { business: Business }) {
  const { t } = useTranslation();
  const number = business.phone_numbers[0];
  return (
    <span className="flex items-center gap-2">
      <span className="min-w-0 truncate leading-tight">
        <bdi className="font-semibold">{business.name}</bdi>
        {number && (
          <span className="block text-caption text-muted">
            <PhoneText number={number.number} />
          </span>
        )}
      </span>
      {!business.active && <Badge>{t('admin.business.inactive')}</Badge>}
    </span>
  );
}

function Modules({ business }: { business: Business }) {
  const { t } = useTranslation();
  const on = MODULES.filter((module) => business.modules[module].licensed && business.modules[module].on);
  if (on.length === MODULES.length)
    return <span className="text-muted">{t('admin.business.allModules')}</span>;
  if (on.length === 0) return <span className="text-muted">{t('admin.business.noModules')}</span>;
  return (
    <span className="text-muted">{on.map((module) => t(`business.modules.${module}`)).join(' · ')}</span>
  );
}

/** A card's worth: on a phone each business shows what the table has in its columns. */
function Compact({ business }: { business: Business }) {
  const { t } = useTranslation();
  const sums = useSums(business);
  return (
    <div className="flex flex-col gap-1.5">
      <Name business={business} />
      <p className="flex flex-wrap gap-x-3 text-caption text-muted">
        {(['calls', 'customers', 'users'] as const).map((measure) => (
          <span key={measure}>{t(`admin.count.${measure}`, { count: sums?.[measure] ?? 0 })}</span>
        ))}
      </p>
      <p className="text-caption text-muted">
        <Modules business={business} />
      </p>
    </div>
  );
}

interface ActsProps {
  business: Business;
  onEdit: () => void;
  onAct: () => void;
  onPeople: () => void;
}

function Acts({ business, onEdit, onAct, onPeople }: ActsProps) {
  const { t } = useTranslation();
  const own = useSession().business.id === business.id;
  const { deactivate, reactivate } = useActivity();
  const trigger = <IconButton label={t('admin.actsOn', { name: business.name })} icon={Ellipsis} />;
  return (
    <>
      {business.active && (
        <IconButton
          label={t('admin.impersonate.of', { name: business.name })}
          icon={DoorOpen}
          className="max-md:hidden"
          onClick={onAct}
        />
      )}
      <Menu align="end" trigger={trigger}>
        <MenuItem icon={Pencil} onSelect={onEdit}>
          {t('admin.business.edit')}
        </MenuItem>
        <MenuItem icon={UsersRound} onSelect={onPeople}>
          {t('admin.section.people')}
        </MenuItem>
        {business.active && (
          <MenuItem icon={DoorOpen} onSelect={onAct}>
            {t('admin.impersonate.title')}
          </MenuItem>
        )}
        {!own && (
          <>
            <MenuLine />
            {business.active ? (
              <MenuItem danger icon={PowerOff} onSelect={() => deactivate.mutate(business)}>
                {t('admin.business.deactivate')}
              </MenuItem>
            ) : (
              <MenuItem icon={Power} onSelect={() => reactivate.mutate(business)}>
                {t('admin.business.reactivate')}
              </MenuItem>
            )}
          </>
        )}
      </Menu>
    </>
  );
}
