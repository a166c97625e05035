import { useQuery } from '@tanstack/react-query';
import {
  Ellipsis,
  KeyRound,
  Link2,
  Link2Off,
  Phone,
  PhoneOff,
  UserCheck,
  UserPlus,
  UserX,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '@/api/types';
import { Avatar } from '@/components/ui/avatar';
import { Badge } from '@/components/ui/badge';
import { Button, IconButton } from '@/components/ui/button';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '@/components/ui/menu';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { useDialog } from '@/components/ui/use-dialog';
import { useFormat, useNow } from '@/format/use-format';
import { usePermission, useSession } from '@/session/session';
import { DeactivateDialog } from './deactivate-dialog';
import { InviteDialog } from './invite-dialog';
import { type ALL_ROLES, everybodyQuery, mayChange, ROLES, useTeam } from './queries';

export function Team() {
  const { t } = useTranslation();
  const everybody = useQuery(everybodyQuery);
  const invite = useDialog('invite');
  const deactivate = useDialog('deactivate');
  const [chosen, setChosen] = useState<User | null>(null);
  const people = everybody.data?.results ?? [];
  const active = people.filter((user) => user.active);
  const gone = people.filter((user) => !user.active);
  const row = (user: User) => (
    <Row
      key={user.id}
      user={user}
      onLink={() => {
        setChosen(user);
        invite.show();
      }}
      onDeactivate={() => {
        setChosen(user);
        deactivate.show();
      }}
    />
  );
  return (
    <>
      <Panel
        title={t('business.section.team')}
        action={
          <Button
            look="primary"
            icon={UserPlus}
            onClick={() => {
              setChosen(null);
              invite.show();
            }}
          >
            {t('team.invite')}
          </Button>
        }
      >
        <p className="max-w-[70ch] px-5 pb-2 text-cell text-muted">{t('team.lead')}</p>
        {everybody.isPending && <SkeletonRows />}
        {everybody.isError && (
          <Trouble small error={everybody.error} onRetry={() => void everybody.refetch()} />
        )}
        {everybody.isSuccess && (
          <ul className="flex flex-col divide-y divide-line border-t border-line">{active.map(row)}</ul>
        )}
        {everybody.isSuccess && people.length === 1 && (
          <Empty small icon={UserPlus} title={t('team.onlyYou')} hint={t('team.onlyYouHint')} />
        )}
      </Panel>
      {gone.length > 0 && (
        <Panel title={t('team.inactive')}>
          <ul className="flex flex-col divide-y divide-line border-t border-line">{gone.map(row)}</ul>
        </Panel>
      )}
      <InviteDialog open={invite.open} onClose={invite.hide} user={chosen} />
      {chosen && (
        <DeactivateDialog open={deactivate.open} onClose={deactivate.hide} user={chosen} people={active} />
      )}
    </>
  );
}

interface RowProps {
  user: User;
  onLink: () => void;
  onDeactivate: () => void;
}

function Row({ user, onLink, onDeactivate }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const self = useSession().user;
  const seen = user.last_seen_at
    ? t('team.lastSeen', { when: format.when(user.last_seen_at, now) })
    : t('team.neverSeen');
  return (
    <li className="flex items-center gap-3.5 px-5 py-3 max-md:px-4">
      <Avatar name={user.name} />
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-cell">
          <bdi className="font-semibold">{user.name}</bdi>
          <span className="text-muted">{t(`shell.role.${user.role as 'owner'}`)}</span>
          {user.id === self.id && <Badge>{t('team.you')}</Badge>}
          {user.active && user.invited && <Badge tone="info">{t('team.invited')}</Badge>}
          {user.active && user.available && !user.invited && (
            <Badge tone="success">{t('team.available')}</Badge>
          )}
        </p>
        <p className="flex flex-wrap gap-x-3 text-caption text-muted">
          <bdi dir="ltr" className="min-w-0 truncate">
            {user.email}
          </bdi>
          {user.phone && <PhoneText number={user.phone} />}
          {user.active && !user.invited && <span>{seen}</span>}
        </p>
      </div>
      {user.id !== self.id && mayChange(self.role, user.role) && (
        <Acts user={user} onLink={onLink} onDeactivate={onDeactivate} />
      )}
    </li>
  );
}

interface ActsProps extends RowProps {
  /** The roles that can be given; a business's own without it. */
  roles?: readonly (typeof ALL_ROLES)[number][];
}

export function Acts({ user, onLink, onDeactivate, roles: all = ROLES }: ActsProps) {
  const { t } = useTranslation();
  const self = useSession().user;
  const mayReset = usePermission('users:reset_password');
  const team = useTeam();
  const roles = all.filter((role) => mayChange(self.role, role));
  const trigger = <IconButton label={t('team.actions', { name: user.name })} icon={Ellipsis} />;
  if (!user.active)
    return (
      <Menu align="end" trigger={trigger}>
        <MenuItem icon={UserCheck} onSelect={() => team.reactivate.mutate(user)}>
          {t('team.reactivate')}
        </MenuItem>
      </Menu>
    );
  return (
    <Menu align="end" wide trigger={trigger}>
      <MenuLabel>{t('team.role')}</MenuLabel>
      <MenuChoice
        value={user.role as (typeof roles)[number]}
        onChoose={(role) => role !== user.role && team.role.mutate({ user, role })}
        options={roles.map((value) => ({ value, label: t(`shell.role.${value}`) }))}
      />
      <MenuLine />
      {user.invited ? (
        <>
          <MenuItem icon={Link2} onSelect={onLink}>
            {t('team.newLink')}
          </MenuItem>
          <MenuItem icon={Link2Off} onSelect={() => team.takeBack.mutate(user)}>
            {t('team.takeBack')}
          </MenuItem>
        </>
      ) : (
        <>
          <MenuItem
            icon={user.available ? PhoneOff : Phone}
            onSelect={() => team.available.mutate({ user, available: !user.available })}
          >
            {user.available ? t('team.makeUnavailable') : t('team.makeAvailable')}
          </MenuItem>
          {mayReset && (
            <MenuItem icon={KeyRound} onSelect={() => team.resetMail.mutate(user)}>
              {t('team.resetMail')}
            </MenuItem>
          )}
        </>
      )}
      <MenuLine />
      <MenuItem danger icon={UserX} onSelect={onDeactivate}>
        {t('team.deactivate')}
      </MenuItem>
    </Menu>
  );
}
