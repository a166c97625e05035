/** The first owner's account. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import { PasswordField } from '@/components/password-field';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { fieldText } from '@/i18n/problem-text';

const SHORTEST_PASSWORD = 10;

export function SetupForm({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form, setForm] = useState({ business_name: '', name: '', email: '', password: '' });
  const [tooShort, setTooShort] = useState(false);
  const create = useMutation({
    mutationFn: () => {
      const { business_name, ...rest } = form;
      const named = business_name.trim() ? { business_name: business_name.trim() } : {};
      return take(api.POST('/api/setup', { body: { token, ...rest, ...named } }));
    },
    onSuccess: (session) => {
      client.setQueryData(keys.session, session);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const short = form.password.length < SHORTEST_PASSWORD;
    setTooShort(short);
    if (!short) create.mutate();
  };
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const weak = isProblem(create.error) && create.error.fields.has('password');
  const passwordError = tooShort ? t('auth.passwordShort') : weak ? t('auth.passwordWeak') : undefined;
  const emailError = fieldText(t, create.error, 'email');
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label={t('auth.businessName')}
        hint={t('auth.businessNameHint')}
        required
        autoComplete="organization"
        value={form.business_name}
        onChange={set('business_name')}
      />
      <Field label={t('auth.name')} required autoComplete="name" value={form.name} onChange={set('name')} />
      <Field
        label={t('auth.email')}
        type="email"
        dir="ltr"
        required
        autoComplete="username"
        value={form.email}
        error={emailError}
        onChange={set('email')}
      />
      <PasswordField
        label={t('auth.newPassword')}
        hint={t('auth.passwordHint')}
        required
        autoComplete="new-password"
        value={form.password}
        error={passwordError}
        onChange={set('password')}
      />
      {!passwordError && !emailError && <Refusal error={create.error} />}
      <Button look="primary" type="submit" busy={create.isPending} className="mt-1 md:h-10!">
        {create.isPending ? t('auth.creating') : t('auth.create')}
      </Button>
    </form>
  );
}
