import { getRouteApi, Link } from '@tanstack/react-router';
import {
  Archive,
  Building2,
  ChevronLeft,
  Clock,
  Eye,
  KeyRound,
  ListChecks,
  type LucideIcon,
  PhoneCall,
  Puzzle,
  ShieldCheck,
  UsersRound,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { PageHead } from '@/components/ui/page';
import { Panel } from '@/components/ui/panel';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { useNarrow } from '@/components/use-narrow';
import { Access } from '@/features/business/access';
import { Calls } from '@/features/business/calls';
import { Details } from '@/features/business/details';
import { Hours } from '@/features/business/hours';
import { Modules } from '@/features/business/modules';
import { Sabbath } from '@/features/business/sabbath';
import { SpecialDays } from '@/features/business/special-days';
import { ExportAll } from '@/features/export-all/export-all';
import { ApiKeys } from '@/features/keys/keys';
import { OwnFieldsCard } from '@/features/own-records/fields';
import { OwnStatuses } from '@/features/own-records/statuses';
import { Security } from '@/features/security/security';
import { Team } from '@/features/team/team';
import { allows, useSession } from '@/session/session';
import { useSettings } from '@/session/settings';
import { useCrumbs } from '@/shell/crumbs';
import type { Section } from './sections';

const route = getRouteApi('/inside/business');

interface Entry {
  name: Section;
  icon: LucideIcon;
  needs: string;
}

const ENTRIES: readonly Entry[] = [
  { name: 'details', icon: Building2, needs: 'settings:write' },
  { name: 'hours', icon: Clock, needs: 'settings:write' },
  { name: 'calls', icon: PhoneCall, needs: 'settings:write' },
  { name: 'customers', icon: ListChecks, needs: 'fields:write' },
  { name: 'team', icon: UsersRound, needs: 'users:write' },
  { name: 'access', icon: Eye, needs: 'settings:write' },
  { name: 'modules', icon: Puzzle, needs: 'modules:write' },
  { name: 'keys', icon: KeyRound, needs: 'api_keys:manage' },
  { name: 'export', icon: Archive, needs: 'export:all' },
  { name: 'security', icon: ShieldCheck, needs: 'session:own' },
];

export function BusinessPage() {
  const { t } = useTranslation();
  const session = useSession();
  const narrow = useNarrow();
  const { section: asked } = route.useSearch();
  const entries = ENTRIES.filter(({ needs }) => allows(session, needs));
  const chosen = entries.find(({ name }) => name === asked);
  const alone = entries.length === 1 ? entries[0] : undefined;
  // On a phone the list stands by itself, and a section has the whole page.
  const shown = chosen ?? alone ?? (narrow ? undefined : entries[0]);
  const title = alone ? t('business.account') : t('business.title');
  useCrumbs(
    ...(chosen && !alone
      ? [{ label: title, to: '/business' as const }, { label: t(`business.section.${chosen.name}`) }]
      : [{ label: title }]),
  );
  return (
    <>
      <PageHead title={narrow && shown && !alone ? t(`business.section.${shown.name}`) : title} />
      <div className="grid items-start gap-6 md:grid-cols-[14rem_minmax(0,1fr)]">
        {!alone && (!narrow || !shown) && (
          <SectionList entries={entries} shown={shown?.name} narrow={narrow} />
        )}
        {shown && (
          <div className={cx('flex min-w-0 max-w-3xl flex-col gap-4', alone && 'md:col-span-2')}>
            <Content section={shown.name} />
          </div>
        )}
      </div>
    </>
  );
}

interface SectionListProps {
  entries: readonly Entry[];
  shown: Section | undefined;
  narrow: boolean;
}

function SectionList({ entries, shown, narrow }: SectionListProps) {
  const { t } = useTranslation();
  return (
    <nav
      aria-label={t('business.sections')}
      className={
        narrow
          ? 'overflow-hidden rounded-card border border-line bg-surface'
          : 'sticky top-20 flex flex-col gap-0.5'
      }
    >
      {entries.map(({ name, icon: Icon }) => (
        <Link
          key={name}
          to="/business"
          search={{ section: name }}
          resetScroll
          aria-current={name === shown ? 'page' : undefined}
          className={cx(
            'flex items-center gap-3 text-cell font-semibold transition-colors hover:bg-hover',
            narrow
              ? 'min-h-16 border-b border-line px-4 py-3 last:border-b-0'
              : 'min-h-9 rounded-control px-3 py-1.5 text-muted hover:text-ink',
            !narrow && name === shown && 'bg-hover text-ink [&>svg]:text-accent-text',
          )}
        >
          <Icon aria-hidden className="size-[18px] shrink-0" strokeWidth={1.9} />
          <span className="min-w-0 grow">
            {t(`business.section.${name}`)}
            {narrow && (
              <span className="block text-caption font-normal text-muted">
                {t(`business.sectionHint.${name}`)}
              </span>
            )}
          </span>
          {narrow && <ChevronLeft aria-hidden className="size-4 text-faint ltr:-scale-x-100" />}
        </Link>
      ))}
    </nav>
  );
}

function Content({ section }: { section: Section }) {
  switch (section) {
    case 'customers':
      return (
        <>
          <OwnFieldsCard />
          <OwnStatuses />
        </>
      );
    case 'export':
      return <ExportAll />;
    case 'team':
      return <Team />;
    case 'modules':
      return <Modules />;
    case 'keys':
      return <ApiKeys />;
    case 'security':
      return <Security />;
    case 'details':
      return <Loaded>{(settings) => <Details settings={settings} />}</Loaded>;
    case 'calls':
      return <Loaded>{(settings) => <Calls settings={settings} />}</Loaded>;
    case 'access':
      return <Loaded>{(settings) => <Access settings={settings} />}</Loaded>;
    case 'hours':
      return (
        <Loaded>
          {(settings) => (
            <>
              <Hours settings={settings} />
              <SpecialDays settings={settings} />
              <Sabbath settings={settings} />
            </>
          )}
        </Loaded>
      );
  }
}

function Loaded({ children }: { children: (settings: Settings) => ReactNode }) {
  const settings = useSettings();
  if (settings.data) return children(settings.data.body);
  return (
    <Panel>
      {settings.isError ? (
        <Trouble error={settings.error} onRetry={() => void settings.refetch()} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Panel>
  );
}
