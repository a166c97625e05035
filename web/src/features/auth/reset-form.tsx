import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, Link2Off } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { isProblem } from '@/api/problem';
import { PasswordField } from '@/components/password-field';
import { Button, buttonClass } from '@/components/ui/button';
import { Empty, Refusal } from '@/components/ui/states';
import { fieldText } from '@/i18n/problem-text';

const SHORTEST = 10;

/** A new password, by the token of a mailed link. */
export function ResetForm({ token }: { token: string }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [short, setShort] = useState(false);
  const reset = useMutation({
    mutationFn: () => take(api.POST('/api/auth/password/reset', { body: { token, new_password: password } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShort(password.length < SHORTEST);
    if (password.length >= SHORTEST) reset.mutate();
  };
  if (reset.isSuccess)
    return (
      <Empty
        small
        icon={CircleCheck}
        title={t('auth.resetDoneTitle')}
        hint={t('auth.resetDone')}
        action={
          <Link to="/login" className={buttonClass('primary')}>
            {t('auth.toSignIn')}
          </Link>
        }
      />
    );
  if (!token || (isProblem(reset.error) && reset.error.fields.has('token')))
    return (
      <Empty
        small
        icon={Link2Off}
        title={t('auth.resetGoneTitle')}
        hint={t('auth.resetGone')}
        action={
          <Link to="/forgot" className={buttonClass('primary')}>
            {t('auth.resetAgain')}
          </Link>
        }
      />
    );
  const refused = fieldText(t, reset.error, 'password') ?? fieldText(t, reset.error, 'new_password');
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <PasswordField
        label={t('auth.newPassword')}
        hint={t('auth.passwordHint')}
        autoComplete="new-password"
        required
        value={password}
        error={short ? t('auth.passwordShort') : refused}
        onChange={(event) => setPassword(event.target.value)}
      />
      {!refused && <Refusal error={reset.error} />}
      <Button look="primary" type="submit" busy={reset.isPending} className="md:h-10!">
        {t('auth.resetSave')}
      </Button>
    </form>
  );
}
