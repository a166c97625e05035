import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import {
  Activity,
  Building2,
  ChartColumn,
  type LucideIcon,
  MessageSquareText,
  Plus,
  ScrollText,
  UserPlus,
  UsersRound,
  Workflow,
} from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Business } from '@/api/types';
import { FilterChip, FilterMenu, SearchBox } from '@/components/data-table/toolbar';
import { SectionList } from '@/components/section-list';
import { Button } from '@/components/ui/button';
import { MenuChoice, MenuLabel, MenuLine, MenuToggle } from '@/components/ui/menu';
import { PageHead } from '@/components/ui/page';
import { useDialog } from '@/components/ui/use-dialog';
import { useNarrow } from '@/components/use-narrow';
import { BusinessDialog } from '@/features/admin/business-dialog';
import { Businesses } from '@/features/admin/businesses';
import { Health } from '@/features/admin/health';
import { Jobs } from '@/features/admin/jobs';
import { Overview } from '@/features/admin/overview';
import { useBusinessNames } from '@/features/admin/queries';
import { Texts } from '@/features/admin/texts';
import { Audit } from '@/features/audit/audit';
import { InviteDialog } from '@/features/team/invite-dialog';
import { PlatformPeople } from '@/features/team/platform-people';
import { ALL_ROLES, allPeopleQuery } from '@/features/team/queries';
import { useCrumbs } from '@/shell/crumbs';
import { ADMIN_SECTIONS, type AdminPlace, type AdminSection } from './admin-places';

const route = getRouteApi('/inside/admin');

const ICONS: Record<AdminSection, LucideIcon> = {
  overview: ChartColumn,
  businesses: Building2,
  people: UsersRound,
  texts: MessageSquareText,
  audit: ScrollText,
  jobs: Workflow,
  health: Activity,
};

export function AdminPage() {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const { section: asked } = route.useSearch();
  // On a phone the list stands by itself, and a section has the whole page.
  const shown = asked ?? (narrow ? undefined : 'overview');
  const title = t('shell.admin');
  useCrumbs(
    ...(asked
      ? [{ label: title, to: '/admin' as const }, { label: t(`admin.section.${asked}`) }]
      : [{ label: title }]),
  );
  return (
    <>
      <PageHead title={narrow && shown ? t(`admin.section.${shown}`) : title} />
      <div className="grid items-start gap-6 md:grid-cols-[11rem_minmax(0,1fr)]">
        {(!narrow || !shown) && (
          <SectionList
            label={t('admin.sections')}
            entries={ADMIN_SECTIONS.map((name) => ({
              name,
              icon: ICONS[name],
              label: t(`admin.section.${name}`),
              hint: t(`admin.sectionHint.${name}`),
              to: '/admin',
            }))}
            shown={shown}
            narrow={narrow}
          />
        )}
        {shown && (
          <div className="flex min-w-0 flex-col gap-4">
            <Content section={shown} />
          </div>
        )}
      </div>
    </>
  );
}

function Content({ section }: { section: AdminSection }) {
  switch (section) {
    case 'overview':
      return <Overview />;
    case 'businesses':
      return <BusinessesSection />;
    case 'people':
      return <PeopleSection />;
    case 'texts':
      return <Texts />;
    case 'audit':
      return <AuditSection />;
    case 'jobs':
      return <Jobs />;
    case 'health':
      return <Health />;
  }
}

type Change = { [K in keyof AdminPlace]?: AdminPlace[K] | undefined };

/** Changes the address: what is empty leaves it, and a list begins at its first page again. */
function usePlace() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = useCallback(
    (change: Change) =>
      void navigate({
        search: (before) => {
          const { page: _page, ...kept } = before;
          const next = { ...kept, ...change };
          return Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as AdminPlace;
        },
        state: true,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const clear = () => void navigate({ search: ({ section }) => (section ? { section } : {}), replace: true });
  return { search, set, clear };
}

function BusinessesSection() {
  const { t } = useTranslation();
  const { search, set, clear } = usePlace();
  const navigate = route.useNavigate();
  const making = useDialog('new-business');
  const inviting = useDialog('invite-owner');
  const [made, setMade] = useState<Business | null>(null);
  const onSearch = useCallback((q: string) => set({ q }), [set]);
  return (
    <>
      <Businesses
        filters={{
          sort: search.sort ?? 'name',
          ...(search.q && { q: search.q }),
          ...(search.gone && { active: false }),
          ...(search.page && { page: search.page }),
        }}
        onSort={(sort) => set({ sort })}
        onPage={(page) => set({ page })}
        onPeople={({ id }) => void navigate({ search: { section: 'people', business: id } })}
        narrowed={Boolean(search.q || search.gone)}
        onClear={clear}
        toolbar={
          <>
            <SearchBox value={search.q ?? ''} onSearch={onSearch} placeholder={t('admin.business.search')} />
            <FilterMenu>
              <MenuToggle
                checked={search.gone === true}
                onChange={(on) => set({ gone: on ? true : undefined })}
              >
                {t('admin.business.onlyInactive')}
              </MenuToggle>
            </FilterMenu>
            {search.gone && (
              <FilterChip name={t('admin.business.onlyInactive')} onRemove={() => set({ gone: undefined })} />
            )}
            <Button look="primary" icon={Plus} className="max-md:w-full" onClick={making.show}>
              {t('admin.business.make')}
            </Button>
          </>
        }
      />
      <BusinessDialog
        open={making.open}
        onClose={making.hide}
        business={null}
        onMade={(business) => {
          setMade(business);
          inviting.swap();
        }}
      />
      {made && <InviteDialog open={inviting.open} onClose={inviting.hide} user={null} business={made} />}
    </>
  );
}

function PeopleSection() {
  const { t } = useTranslation();
  const { search, set, clear } = usePlace();
  const { businesses, name } = useBusinessNames();
  const inviting = useDialog('invite');
  const business = businesses.find(({ id }) => id === search.business);
  return (
    <>
      <PlatformPeople
        businessName={name}
        filters={{
          sort: search.sort ?? 'name',
          ...(search.business && { business_id: search.business }),
          ...(search.role && { role: search.role }),
          ...(search.gone && { active: 'false' as const }),
          ...(search.page && { page: search.page }),
        }}
        onSort={(sort) => set({ sort })}
        onPage={(page) => set({ page })}
        narrowed={Boolean(search.business || search.role || search.gone)}
        onClear={clear}
        toolbar={
          <>
            <FilterMenu>
              <MenuLabel>{t('team.role')}</MenuLabel>
              <MenuChoice
                value={search.role ?? ''}
                onChoose={(role) => set({ role })}
                options={[
                  { value: '', label: t('common.all') },
                  ...ALL_ROLES.map((value) => ({ value, label: t(`shell.role.${value}`) })),
                ]}
              />
              <MenuLine />
              <MenuToggle
                checked={search.gone === true}
                onChange={(on) => set({ gone: on ? true : undefined })}
              >
                {t('team.inactive')}
              </MenuToggle>
              <MenuLine />
              <MenuLabel>{t('team.business')}</MenuLabel>
              <MenuChoice
                value={String(search.business ?? '')}
                onChoose={(id) => set({ business: id ? Number(id) : undefined })}
                options={[
                  { value: '', label: t('common.all') },
                  ...businesses.map(({ id, name: label }) => ({ value: String(id), label })),
                ]}
              />
            </FilterMenu>
            {business && <FilterChip name={business.name} onRemove={() => set({ business: undefined })} />}
            {search.role && (
              <FilterChip
                name={t(`shell.role.${search.role as 'owner'}`)}
                onRemove={() => set({ role: undefined })}
              />
            )}
            {search.gone && (
              <FilterChip name={t('team.inactive')} onRemove={() => set({ gone: undefined })} />
            )}
            {business ? (
              <Button look="primary" icon={UserPlus} className="max-md:w-full" onClick={inviting.show}>
                {t('team.inviteTo', { business: business.name })}
              </Button>
            ) : (
              <span className="text-caption text-muted">{t('admin.inviteHint')}</span>
            )}
          </>
        }
      />
      {business && (
        <InviteDialog open={inviting.open} onClose={inviting.hide} user={null} business={business} />
      )}
    </>
  );
}

function AuditSection() {
  const { businesses, name } = useBusinessNames();
  const people = useQuery(allPeopleQuery).data?.results ?? [];
  const person = (id: number) => people.find((user) => user.id === id)?.name ?? null;
  return <Audit names={{ person, business: name }} people={people} businesses={businesses} />;
}
