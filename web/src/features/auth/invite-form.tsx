import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Session } from '@/api/types';
import { PasswordField } from '@/components/password-field';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { fieldText } from '@/i18n/problem-text';

const SHORTEST = 10;

interface InviteProps {
  token: string;
  invited: { name: string; email: string; role: string };
  onJoined: (session: Session) => void;
}

/** Who was invited says their name and chooses a password, and is in. */
export function InviteForm({ token, invited, onJoined }: InviteProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form, setForm] = useState({ name: invited.name, phone: '', password: '' });
  const [short, setShort] = useState(false);
  const accept = useMutation({
    mutationFn: () => {
      const { phone, ...rest } = form;
      const body = { ...rest, name: form.name.trim(), ...(phone.trim() && { phone: phone.trim() }) };
      return take(api.POST('/api/auth/invite/{token}', { params: { path: { token } }, body }));
    },
    onSuccess: (session) => {
      // What another person saw in this browser is not this one's.
      client.clear();
      client.setQueryData(keys.session, session);
      onJoined(session);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShort(form.password.length < SHORTEST);
    if (form.password.length >= SHORTEST) accept.mutate();
  };
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const atField = isProblem(accept.error) && accept.error.fields.size > 0;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="rounded-control bg-sunken px-3.5 py-2.5 text-cell text-muted">
        <bdi dir="ltr">{invited.email}</bdi> · {t(`shell.role.${invited.role as 'agent'}`)}
      </p>
      {/* For password managers: whose password it is. */}
      <input type="hidden" autoComplete="username" value={invited.email} />
      <Field
        label={t('auth.name')}
        required
        autoComplete="name"
        value={form.name}
        error={fieldText(t, accept.error, 'name')}
        onChange={set('name')}
      />
      <PasswordField
        label={t('auth.newPassword')}
        hint={t('auth.passwordHint')}
        required
        autoComplete="new-password"
        value={form.password}
        error={short ? t('auth.passwordShort') : fieldText(t, accept.error, 'password')}
        onChange={set('password')}
      />
      <Field
        label={t('auth.invitePhone')}
        hint={t('auth.invitePhoneHint')}
        type="tel"
        dir="ltr"
        autoComplete="tel"
        value={form.phone}
        error={fieldText(t, accept.error, 'phone')}
        onChange={set('phone')}
      />
      {!atField && <Refusal error={accept.error} />}
      <Button look="primary" type="submit" busy={accept.isPending} className="mt-1 md:h-10!">
        {t('auth.inviteAccept')}
      </Button>
    </form>
  );
}
