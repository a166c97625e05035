import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { PasswordField } from './password-field';

export function LoginForm({ ended, onSignedIn }: { ended: boolean; onSignedIn: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => take(api.POST('/api/auth/login', { body: { email: email.trim(), password } })),
    onSuccess: (session) => {
      client.setQueryData(keys.session, session);
      onSignedIn();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  const refused = isProblem(signIn.error) && signIn.error.status === 401;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {ended && !signIn.error && (
        <p role="status" className="rounded-control bg-info-soft px-3.5 py-2.5 text-cell text-info-text">
          {t('auth.ended')}
        </p>
      )}
      <Field
        label={t('auth.email')}
        type="email"
        dir="ltr"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <PasswordField
        label={t('auth.password')}
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Refusal error={signIn.error} text={refused ? t('auth.wrong') : undefined} />
      <Button look="primary" type="submit" busy={signIn.isPending} className="mt-1 md:h-10!">
        {signIn.isPending ? t('auth.signingIn') : t('auth.signIn')}
      </Button>
    </form>
  );
}
