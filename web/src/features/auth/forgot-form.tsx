import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MailCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { Button, buttonClass } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Empty, Refusal } from '@/components/ui/states';

/** The answer is the same whether there is such an account or not. */
export function ForgotForm() {
  const { t } = useTranslation();
  const [email, setEmail] = useState('');
  const ask = useMutation({
    mutationFn: () => take(api.POST('/api/auth/password/forgot', { body: { email: email.trim() } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  if (ask.isSuccess)
    return (
      <Empty
        small
        icon={MailCheck}
        title={t('auth.forgotSentTitle')}
        hint={t('auth.forgotSent', { email: `\u2066${email.trim()}\u2069` })}
        action={
          <Link to="/login" className={buttonClass()}>
            {t('auth.backToSignIn')}
          </Link>
        }
      />
    );
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label={t('auth.email')}
        type="email"
        dir="ltr"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Refusal error={ask.error} />
      <Button look="primary" type="submit" busy={ask.isPending} className="md:h-10!">
        {t('auth.forgotSend')}
      </Button>
      <Link to="/login" className={buttonClass('ghost')}>
        {t('auth.backToSignIn')}
      </Link>
    </form>
  );
}
