/** Invites somebody new, or makes a new link for who has not come yet; the link is shown once. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MessageCircle } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { User } from '@/api/types';
import { Button, buttonClass } from '@/components/ui/button';
import { Choices } from '@/components/ui/choices';
import { CopyButton, Shown } from '@/components/ui/copy-text';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Refusal, SkeletonRows } from '@/components/ui/states';
import { useFormat } from '@/format/use-format';
import { fieldText, problemText } from '@/i18n/problem-text';
import { useSession } from '@/session/session';
import { mayChange, ROLES, type Role } from './queries';

interface Link {
  name: string;
  url: string;
  until: string;
}

interface InviteProps {
  open: boolean;
  onClose: () => void;
  /** Who gets a new link; null for somebody new. */
  user: User | null;
  /** Into which business; one's own without it. */
  business?: { id: number; name: string };
}

export function InviteDialog({ open, onClose, user, business }: InviteProps) {
  const [link, setLink] = useState<Link | null>(null);
  // A server that was not told its public address answers with a path: then it is reached as this page was.
  const show = (made: Link) => setLink({ ...made, url: new URL(made.url, window.location.origin).href });
  useEffect(() => {
    if (!open) setLink(null);
  }, [open]);
  const own = useSession().business;
  const into = business ?? own;
  if (link) return <LinkDialog open={open} onClose={onClose} link={link} business={into.name} />;
  if (user) return <Again open={open} onClose={onClose} user={user} onLink={show} />;
  return <Somebody open={open} onClose={onClose} onLink={show} {...(business && { business })} />;
}

const EMPTY = { name: '', email: '', phone: '', role: 'agent' as Role };

interface SomebodyProps {
  open: boolean;
  onClose: () => void;
  onLink: (link: Link) => void;
  business?: { id: number; name: string };
}

function Somebody({ open, onClose, onLink, business }: SomebodyProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const self = useSession().user;
  const [form, setForm] = useState<typeof EMPTY>(business ? { ...EMPTY, role: 'owner' } : EMPTY);
  const invite = useMutation({
    mutationFn: () => {
      const { phone, ...rest } = form;
      return take(
        api.POST('/api/users', {
          body: {
            ...rest,
            ...(phone.trim() && { phone: phone.trim() }),
            ...(business && { business_id: business.id }),
          },
        }),
      );
    },
    onSuccess: ({ name, invite_url, invite_expires_at }) => {
      setForm(EMPTY);
      if (invite_url && invite_expires_at) onLink({ name, url: invite_url, until: invite_expires_at });
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.users }),
  });
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  const taken = isProblem(invite.error, 'email_exists') ? problemText(t, invite.error) : undefined;
  const atField = isProblem(invite.error) && (taken || invite.error.fields.size > 0);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={business ? t('team.inviteTo', { business: business.name }) : t('team.invite')}
      lead={t('team.inviteLead')}
      actions={
        <>
          <Button look="primary" type="submit" form="invite" busy={invite.isPending}>
            {t('team.makeLink')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="invite" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <Field
          label={t('team.name')}
          required
          autoComplete="off"
          value={form.name}
          error={fieldText(t, invite.error, 'name')}
          onChange={set('name')}
        />
        <Field
          label={t('team.email')}
          type="email"
          dir="ltr"
          required
          autoComplete="off"
          value={form.email}
          error={taken ?? fieldText(t, invite.error, 'email')}
          onChange={set('email')}
        />
        <Field
          label={t('team.phone')}
          type="tel"
          dir="ltr"
          autoComplete="off"
          hint={t('team.phoneHint')}
          value={form.phone}
          error={fieldText(t, invite.error, 'phone')}
          onChange={set('phone')}
        />
        <Choices
          legend={t('team.role')}
          value={form.role}
          options={ROLES.filter((role) => mayChange(self.role, role)).map((value) => ({
            value,
            label: t(`shell.role.${value}`),
            hint: t(`team.roleHint.${value}`),
          }))}
          onChoose={(role) => setForm({ ...form, role })}
        />
        {!atField && <Refusal error={invite.error} />}
      </form>
    </Dialog>
  );
}

/** A new link is made as soon as it is asked for; the one before is worth nothing then. */
function Again({ open, onClose, user, onLink }: SomebodyProps & { user: User }) {
  const { t } = useTranslation();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => take(api.POST('/api/users/{id}/invite', { params: { path: { id: user.id } } })),
    onSuccess: (made) => onLink({ name: user.name, url: made.invite_url, until: made.invite_expires_at }),
  });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('team.newLink')}
      lead={t('team.inviteLead')}
      actions={
        <>
          <Button look="primary" busy={isPending} onClick={() => mutate()}>
            {t('team.makeLink')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      {isPending && <SkeletonRows rows={1} />}
      <Refusal error={error} />
    </Dialog>
  );
}

interface LinkDialogProps {
  open: boolean;
  onClose: () => void;
  link: Link;
  business: string;
}

function LinkDialog({ open, onClose, link, business }: LinkDialogProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = t('team.whatsappText', { business, url: link.url });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('team.linkReady', { name: link.name })}
      lead={t('team.linkLead', { until: format.dateTime(link.until) })}
      actions={
        <>
          <CopyButton primary text={link.url} label={t('team.copy')} />
          <a
            className={buttonClass('quiet')}
            href={`https://wa.me/?text=${encodeURIComponent(text)}`}
            target="_blank"
            rel="noreferrer"
          >
            <MessageCircle aria-hidden className="size-4" />
            {t('team.whatsapp')}
          </a>
          <Button look="ghost" onClick={onClose}>
            {t('team.done')}
          </Button>
        </>
      }
    >
      <Shown label={t('team.link')} text={link.url} />
      {/^(localhost|127\.|\[::1\])/.test(new URL(link.url).hostname) && (
        <p className="pt-2 text-caption text-warn-text">
          {t('team.linkHere', { setting: 'PUBLIC_BASE_URL' })}
        </p>
      )}
    </Dialog>
  );
}
