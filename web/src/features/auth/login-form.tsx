import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { resumeSession } from '@/api/over';
import { isProblem } from '@/api/problem';
import type { Session } from '@/api/types';
import { PasswordField } from '@/components/password-field';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';

interface LoginProps {
  ended: boolean;
  onSignedIn: (session: Session) => void;
}

/** E-mail and password; then, for who has one, the code of the second factor. */
export function LoginForm({ ended, onSignedIn }: LoginProps) {
  const client = useQueryClient();
  const [given, setGiven] = useState({ email: '', password: '' });
  const [asksCode, setAsksCode] = useState(false);
  const signIn = useMutation({
    mutationFn: (totp?: string) =>
      take(
        api.POST('/api/auth/login', {
          body: { email: given.email.trim(), password: given.password, ...(totp && { totp }) },
        }),
      ),
    onSuccess: (session) => {
      // What was loaded before may be another person's.
      client.removeQueries();
      resumeSession();
      client.setQueryData(keys.session, session);
      onSignedIn(session);
    },
    onError: (error) => {
      if (isProblem(error, 'totp_required')) setAsksCode(true);
    },
  });
  const error = isProblem(signIn.error, 'totp_required') ? null : signIn.error;
  if (asksCode)
    return (
      <CodeStep
        error={error}
        busy={signIn.isPending}
        onCode={(code) => signIn.mutate(code)}
        onBack={() => {
          setAsksCode(false);
          setGiven({ email: '', password: '' });
          signIn.reset();
        }}
      />
    );
  return (
    <PasswordStep
      given={given}
      onChange={setGiven}
      ended={ended && !signIn.error}
      error={error}
      busy={signIn.isPending}
      onSubmit={() => signIn.mutate(undefined)}
    />
  );
}

interface PasswordStepProps {
  given: { email: string; password: string };
  onChange: (given: { email: string; password: string }) => void;
  ended: boolean;
  error: unknown;
  busy: boolean;
  onSubmit: () => void;
}

function PasswordStep({ given, onChange, ended, error, busy, onSubmit }: PasswordStepProps) {
  const { t } = useTranslation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  const refused = isProblem(error) && error.status === 401;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {ended && (
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
        value={given.email}
        onChange={(event) => onChange({ ...given, email: event.target.value })}
      />
      <PasswordField
        label={t('auth.password')}
        autoComplete="current-password"
        required
        value={given.password}
        onChange={(event) => onChange({ ...given, password: event.target.value })}
      />
      <Refusal error={error} text={refused ? t('auth.wrong') : undefined} />
      <Button look="primary" type="submit" busy={busy} className="mt-1 md:h-10!">
        {busy ? t('auth.signingIn') : t('auth.signIn')}
      </Button>
      <Link
        to="/forgot"
        className="target mx-auto inline-flex items-center rounded-mark px-2 text-cell text-accent-text hover:underline"
      >
        {t('auth.forgotLink')}
      </Link>
    </form>
  );
}

interface CodeStepProps {
  error: unknown;
  busy: boolean;
  onCode: (code: string) => void;
  onBack: () => void;
}

function CodeStep({ error, busy, onCode, onBack }: CodeStepProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCode(code.trim());
  };
  const wrong = isProblem(error) && error.status === 401 ? t('auth.totpWrong') : undefined;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div>
        <h2 className="text-lead">{t('auth.totpTitle')}</h2>
        <p className="text-cell text-muted">{t('auth.totpLead')}</p>
      </div>
      <Field
        label={t('auth.totp')}
        hint={t('auth.totpHint')}
        dir="ltr"
        required
        autoFocus
        autoComplete="one-time-code"
        value={code}
        error={wrong}
        onChange={(event) => setCode(event.target.value)}
      />
      {!wrong && <Refusal error={error} />}
      <Button look="primary" type="submit" busy={busy} className="mt-1 md:h-10!">
        {busy ? t('auth.signingIn') : t('auth.signIn')}
      </Button>
      <Button look="ghost" onClick={onBack}>
        {t('auth.otherAccount')}
      </Button>
    </form>
  );
}
