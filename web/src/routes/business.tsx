import { getRouteApi } from '@tanstack/react-router';
import {
  Archive,
  Building2,
  Clock,
  Eye,
  Handshake,
  KeyRound,
  ListChecks,
  type LucideIcon,
  MessageCircle,
  PhoneCall,
  PhoneForwarded,
  Puzzle,
  ScrollText,
  ShieldCheck,
  UsersRound,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { SectionList } from '@/components/section-list';
import { cx } from '@/components/ui/cx';
import { PageHead } from '@/components/ui/page';
import { Panel } from '@/components/ui/panel';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { useNarrow } from '@/components/use-narrow';
import { OwnAudit } from '@/features/audit/audit';
import { Access } from '@/features/business/access';
import { BackToWelcome } from '@/features/business/back-to-welcome';
import { Calls } from '@/features/business/calls';
import { ConnectNumber } from '@/features/business/connect-number';
import { Details } from '@/features/business/details';
import { Hours } from '@/features/business/hours';
import { Modules } from '@/features/business/modules';
import { Sabbath } from '@/features/business/sabbath';
import { SpecialDays } from '@/features/business/special-days';
import { Pipelines } from '@/features/deals/pipelines';
import { ExportAll } from '@/features/export-all/export-all';
import { ApiKeys } from '@/features/keys/keys';
import { OwnFieldsCard } from '@/features/own-records/fields';
import { OwnStatuses } from '@/features/own-records/statuses';
import { Security } from '@/features/security/security';
import { Team } from '@/features/team/team';
import { WhatsappSettings } from '@/features/whatsapp/settings';
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
  { name: 'number', icon: PhoneForwarded, needs: 'settings:write' },
  { name: 'whatsapp', icon: MessageCircle, needs: 'templates:write' },
  { name: 'customers', icon: ListChecks, needs: 'fields:write' },
  { name: 'team', icon: UsersRound, needs: 'users:write' },
  { name: 'access', icon: Eye, needs: 'settings:write' },
  { name: 'deals', icon: Handshake, needs: 'pipelines:write' },
  { name: 'modules', icon: Puzzle, needs: 'modules:write' },
  { name: 'keys', icon: KeyRound, needs: 'api_keys:manage' },
  { name: 'audit', icon: ScrollText, needs: 'audit:read' },
  { name: 'export', icon: Archive, needs: 'export:all' },
  { name: 'security', icon: ShieldCheck, needs: 'account:own' },
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
      <BackToWelcome />
      <PageHead title={narrow && shown && !alone ? t(`business.section.${shown.name}`) : title} />
      <div className="grid items-start gap-6 md:grid-cols-[14rem_minmax(0,1fr)]">
        {!alone && (!narrow || !shown) && (
          <SectionList
            label={t('business.sections')}
            entries={entries.map(({ name, icon }) => ({
              name,
              icon,
              label: t(`business.section.${name}`),
              hint: t(`business.sectionHint.${name}`),
              to: '/business',
            }))}
            shown={shown?.name}
            narrow={narrow}
          />
        )}
        {shown && (
          <div
            className={cx(
              'flex min-w-0 flex-col gap-4',
              shown.name !== 'audit' && 'max-w-3xl',
              alone && 'md:col-span-2',
            )}
          >
            <Content section={shown.name} />
          </div>
        )}
      </div>
    </>
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
    case 'deals':
      return <Pipelines />;
    case 'audit':
      return <OwnAudit />;
    case 'security':
      return <Security />;
    case 'details':
      return <Loaded>{(settings) => <Details settings={settings} />}</Loaded>;
    case 'calls':
      return <Loaded>{(settings) => <Calls settings={settings} />}</Loaded>;
    case 'number':
      return <Loaded>{(settings) => <ConnectNumber settings={settings} />}</Loaded>;
    case 'whatsapp':
      return <Loaded>{(settings) => <WhatsappSettings settings={settings} />}</Loaded>;
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
