import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Accessibility, Bell, Headset, Landmark, LogOut, Phone, Settings, ShieldCheck } from 'lucide-react';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { Count } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine, MenuToggle } from '@/components/ui/menu';
import { Refusal } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { say, sayProblem } from '@/components/ui/toast';
import { useDialog } from '@/components/ui/use-dialog';
import { useNarrow } from '@/components/use-narrow';
import { formatPhone } from '@/format/phone';
import { type Language, switchLanguage } from '@/i18n/i18n';
import { fieldText } from '@/i18n/problem-text';
import { usePermission, useSession } from '@/session/session';
import { usePlaces } from './navigation';
import { chooseTheme, useTheme } from './theme';

function useMePatch() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { available?: boolean; phone?: string }) => take(api.PATCH('/api/auth/me', { body })),
    onSuccess: (session) => {
      client.setQueryData(keys.session, session);
      void client.invalidateQueries({ queryKey: keys.users });
    },
  });
}

/** Availability, own phone, language and look. */
interface PersonMenuProps {
  trigger: ReactElement;
  open: boolean;
  onOpen: (open: boolean) => void;
}

export default function PersonMenu({ trigger, open, onOpen }: PersonMenuProps) {
  const { t, i18n } = useTranslation();
  const { user } = useSession();
  const router = useRouter();
  const theme = useTheme();
  const mayCall = usePermission('calls:work');
  const maySet = usePermission('settings:write');
  const mayRun = usePermission('admin:read');
  const mayTell = usePermission('notifications:own');
  // Who acts in somebody's name leaves alone what is theirs.
  const own = usePermission('account:own');
  const narrow = useNarrow();
  const places = usePlaces().filter((place) => place.more);
  const patch = useMePatch();
  const phoneDialog = useDialog('own-phone');
  const signOut = useMutation({
    mutationFn: () => take(api.POST('/api/auth/logout', { body: {} })),
    // Also when the server is out of reach: the sign-in page is where the person wants to be.
    onSettled: () => window.location.assign('/login'),
  });
  return (
    <>
      <Menu wide align="end" trigger={trigger} open={open} onOpen={onOpen}>
        <div className="px-2.5 pt-2 pb-2.5">
          <p className="font-bold">{user.name}</p>
          <p className="text-caption text-muted">
            {t(`shell.role.${user.role as 'owner'}`)} · <bdi dir="ltr">{user.email}</bdi>
          </p>
        </div>
        <MenuLine />
        {own && (
          <MenuToggle
            checked={user.available}
            onChange={(available) =>
              patch.mutate({ available }, { onError: (error) => sayProblem(t, error) })
            }
          >
            {t('shell.available')}
            <span className="block max-w-64 text-caption text-muted">{t('shell.availableHint')}</span>
          </MenuToggle>
        )}
        {own && (
          <MenuItem
            icon={Phone}
            onSelect={phoneDialog.show}
            hint={user.phone ? <PhoneText number={user.phone} /> : t('common.add')}
          >
            {t('shell.phone')}
          </MenuItem>
        )}
        {narrow &&
          places.map((place) => (
            <MenuItem
              key={place.to}
              icon={place.icon}
              onSelect={() => void router.navigate({ to: place.to })}
            >
              {t(place.label)}
              {place.count !== undefined && (
                <span className="ms-2">
                  <Count>{place.count}</Count>
                </span>
              )}
            </MenuItem>
          ))}
        {mayTell && (
          <MenuItem icon={Bell} onSelect={() => void router.navigate({ to: '/notifications' })}>
            {t('notifications.preferences')}
          </MenuItem>
        )}
        {mayCall && (
          <MenuItem icon={Headset} onSelect={() => void router.navigate({ to: '/test-call' })}>
            {t('shell.testCall')}
          </MenuItem>
        )}
        {own && (
          <MenuItem
            icon={ShieldCheck}
            onSelect={() => void router.navigate({ to: '/business', search: { section: 'security' } })}
          >
            {t('shell.security')}
          </MenuItem>
        )}
        {maySet && (
          <MenuItem icon={Settings} onSelect={() => void router.navigate({ to: '/business', search: {} })}>
            {t('shell.settings')}
          </MenuItem>
        )}
        {mayRun && (
          <MenuItem icon={Landmark} onSelect={() => void router.navigate({ to: '/admin', search: {} })}>
            {t('shell.admin')}
          </MenuItem>
        )}
        <MenuLine />
        <MenuLabel>{t('shell.language')}</MenuLabel>
        <MenuChoice<Language>
          value={i18n.language === 'en' ? 'en' : 'he'}
          onChoose={(language) => void switchLanguage(language)}
          options={[
            { value: 'he', label: <span lang="he">{t('shell.hebrew')}</span> },
            { value: 'en', label: <span lang="en">{t('shell.english')}</span> },
          ]}
        />
        <MenuLabel>{t('shell.theme')}</MenuLabel>
        <MenuChoice
          value={theme}
          onChoose={chooseTheme}
          options={[
            { value: 'system', label: t('shell.system') },
            { value: 'light', label: t('shell.light') },
            { value: 'dark', label: t('shell.dark') },
          ]}
        />
        <MenuLine />
        <MenuItem icon={Accessibility} onSelect={() => void router.navigate({ to: '/accessibility' })}>
          {t('shell.accessibility')}
        </MenuItem>
        <MenuItem icon={LogOut} onSelect={() => signOut.mutate()}>
          {t('shell.signOut')}
        </MenuItem>
      </Menu>
      <OwnPhone open={phoneDialog.open} onClose={phoneDialog.hide} />
    </>
  );
}

function OwnPhone({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const [phone, setPhone] = useState(user.phone ? formatPhone(user.phone) : '');
  const patch = useMePatch();
  const save = () =>
    patch.mutate(
      { phone: phone.trim() },
      {
        onSuccess: () => {
          say(t('shell.phoneSaved'));
          onClose();
        },
      },
    );
  const fieldError = fieldText(t, patch.error, 'phone');
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('shell.phone')}
      lead={user.phone ? t('shell.availableHint') : t('shell.phoneMissing')}
      actions={
        <Button look="primary" type="submit" form="own-phone" busy={patch.isPending}>
          {t('common.save')}
        </Button>
      }
    >
      <form
        id="own-phone"
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field
          label={t('shell.phone')}
          labelHidden
          type="tel"
          dir="ltr"
          autoComplete="tel"
          value={phone}
          error={fieldError}
          onChange={(event) => setPhone(event.target.value)}
        />
        {!fieldError && <Refusal error={patch.error} />}
      </form>
    </Dialog>
  );
}
