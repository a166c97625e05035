import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import { PasswordField } from '@/components/password-field';
import { Button } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { Refusal } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { fieldText } from '@/i18n/problem-text';

const SHORTEST = 10;

export function Password() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [short, setShort] = useState(false);
  const change = useMutation({
    mutationFn: () =>
      take(api.POST('/api/auth/password', { body: { current_password: current, new_password: next } })),
    onSuccess: () => {
      say(t('security.changed'));
      setCurrent('');
      setNext('');
      void client.invalidateQueries({ queryKey: keys.sessions });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShort(next.length < SHORTEST);
    if (next.length >= SHORTEST) change.mutate();
  };
  const atField = isProblem(change.error) && change.error.fields.size > 0;
  const newError = fieldText(t, change.error, 'new_password') ?? fieldText(t, change.error, 'password');
  return (
    <Panel title={t('security.passwordTitle')}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <PasswordField
            label={t('security.current')}
            autoComplete="current-password"
            required
            value={current}
            error={fieldText(t, change.error, 'current_password')}
            onChange={(event) => setCurrent(event.target.value)}
          />
          <PasswordField
            label={t('security.new')}
            autoComplete="new-password"
            required
            hint={t('auth.passwordHint')}
            value={next}
            error={short ? t('auth.passwordShort') : newError}
            onChange={(event) => setNext(event.target.value)}
          />
        </div>
        {!atField && <Refusal error={change.error} />}
        <Button type="submit" busy={change.isPending} className="self-start">
          {t('security.change')}
        </Button>
      </form>
    </Panel>
  );
}
