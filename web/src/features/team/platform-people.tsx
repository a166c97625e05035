/** The people of all businesses, with their roles. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { UsersRound } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { User } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Badge } from '@/components/ui/badge';
import { Empty } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { useFormat, useNow } from '@/format/use-format';
import { useSession } from '@/session/session';
import { DeactivateDialog } from './deactivate-dialog';
import { InviteDialog } from './invite-dialog';
import { ALL_ROLES } from './queries';
import { Acts } from './team';

interface PeopleFilters {
  business_id?: number;
  role?: string;
  active?: 'true' | 'false';
  sort?: string;
  page?: number;
}

const PAGE = 25;

const platformPeopleQuery = (filters: PeopleFilters) =>
  queryOptions({
    queryKey: keys.platform.people({ ...filters }),
    queryFn: () => take(api.GET('/api/users', { params: { query: asQuery({ limit: PAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });

interface PlatformPeopleProps {
  filters: PeopleFilters;
  businessName: (id: number) => string | null;
  toolbar: ReactNode;
  onSort: (sort: string) => void;
  onPage: (page: number) => void;
  narrowed: boolean;
  onClear: () => void;
}

export function PlatformPeople(props: PlatformPeopleProps) {
  const { filters, businessName, ...rest } = props;
  const { t } = useTranslation();
  const query = useQuery(platformPeopleQuery(filters));
  const self = useSession().user;
  const link = useDialog('invite-again');
  const leaving = useDialog('deactivate');
  const [chosen, setChosen] = useState<User | null>(null);
  const columns = useColumns(businessName);
  const heirs = useQuery({
    ...platformPeopleQuery({ business_id: chosen?.business_id ?? 0 }),
    enabled: chosen !== null && leaving.open,
  });
  const acts = (user: User) =>
    user.id !== self.id && (
      <Acts
        user={user}
        roles={ALL_ROLES}
        onLink={() => {
          setChosen(user);
          link.show();
        }}
        onDeactivate={() => {
          setChosen(user);
          leaving.show();
        }}
      />
    );
  return (
    <>
      <DataTable<User>
        {...rest}
        id="platform-people"
        title={t('team.everybody')}
        columns={columns}
        query={query}
        rowKey={(user) => user.id}
        compactRow={(user) => <Compact user={user} business={businessName(user.business_id)} />}
        rowActions={acts}
        actionsShown
        sort={filters.sort ?? 'name'}
        empty={<Empty icon={UsersRound} title={t('common.noneFound')} />}
      />
      {chosen && (
        <>
          <InviteDialog
            open={link.open}
            onClose={link.hide}
            user={chosen}
            business={{ id: chosen.business_id, name: businessName(chosen.business_id) ?? '' }}
          />
          <DeactivateDialog
            open={leaving.open}
            onClose={leaving.hide}
            user={chosen}
            people={heirs.data?.results ?? []}
          />
        </>
      )}
    </>
  );
}

function useColumns(businessName: (id: number) => string | null): Column<User>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        id: 'name',
        title: t('team.name'),
        sort: 'name',
        fixed: true,
        cell: (user) => <Name user={user} />,
      },
      {
        id: 'business',
        title: t('team.business'),
        width: '12rem',
        from: 'lg',
        cell: (user) => <bdi className="text-muted">{businessName(user.business_id)}</bdi>,
      },
      {
        id: 'role',
        title: t('team.role'),
        width: '8rem',
        cell: (user) => t(`shell.role.${user.role as 'owner'}`),
      },
      {
        id: 'seen',
        title: t('team.seen'),
        width: '9.5rem',
        from: 'xl',
        cell: (user) => <Seen user={user} />,
      },
    ],
    [t, businessName],
  );
}

function Name({ user }: { user: User }) {
  return (
    <span className="flex items-center gap-2">
      <span className="min-w-0 truncate leading-tight">
        <bdi className="font-semibold">{user.name}</bdi>
        <bdi dir="ltr" className="block truncate text-caption text-muted aligned">
          {user.email}
        </bdi>
      </span>
      <State user={user} />
    </span>
  );
}

function State({ user }: { user: User }) {
  const { t } = useTranslation();
  if (!user.active) return <Badge>{t('team.gone')}</Badge>;
  if (user.invited) return <Badge tone="info">{t('team.invited')}</Badge>;
  return null;
}

function Seen({ user }: { user: User }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <span className="tabular text-muted">
      {user.last_seen_at ? format.when(user.last_seen_at, now) : t('team.neverSeen')}
    </span>
  );
}

function Compact({ user, business }: { user: User; business: string | null }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-1">
      <Name user={user} />
      <p className="truncate text-caption text-muted">
        {t(`shell.role.${user.role as 'owner'}`)}
        {business && (
          <>
            {' · '}
            <bdi>{business}</bdi>
          </>
        )}
      </p>
    </div>
  );
}
