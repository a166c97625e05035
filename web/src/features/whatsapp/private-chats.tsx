/** Chats of which nothing is kept. Whose they are cannot be told any more: only a mark of the address is stored. */
import { useQuery } from '@tanstack/react-query';
import { EyeOff } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { useFormat, useNow } from '@/format/use-format';
import { fieldText } from '@/i18n/problem-text';
import { privateQuery, usePrivate } from './queries';

export function PrivateChats() {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const query = useQuery(privateQuery);
  const { end } = usePrivate();
  return (
    <Card title={t('whatsapp.private.title')} lead={t('whatsapp.private.lead')}>
      <PrivateForm />
      {query.isPending && <SkeletonRows rows={2} />}
      {query.isError && !query.data && (
        <Trouble small error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && query.data.total > 0 && (
        <ul className="-mx-5 border-t border-line">
          {query.data.results.map((chat) => (
            <li
              key={chat.id}
              className="flex min-h-12 items-center gap-3 border-b border-line px-5 py-1.5 last:border-b-0"
            >
              <EyeOff aria-hidden className="size-4 text-muted" />
              <span className="grow text-cell">
                {t('whatsapp.private.since', { when: format.when(chat.created_at, now) })}
              </span>
              <Button size="sm" look="ghost" onClick={() => end.mutate(chat.id)}>
                {t('whatsapp.private.end')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function PrivateForm() {
  const { t } = useTranslation();
  const { add } = usePrivate();
  const [address, setAddress] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim()) add.mutate(address.trim(), { onSuccess: () => setAddress('') });
  };
  const refused = fieldText(t, add.error, 'to') ?? fieldText(t, add.error, 'address');
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-48 grow">
          <Field
            label={t('whatsapp.private.phone')}
            type="tel"
            dir="ltr"
            autoComplete="off"
            value={address}
            error={refused}
            onChange={(event) => setAddress(event.target.value)}
          />
        </div>
        <Button type="submit" icon={EyeOff} busy={add.isPending} disabled={!address.trim()}>
          {t('whatsapp.private.add')}
        </Button>
      </div>
      {!refused && <Refusal error={add.error} />}
    </form>
  );
}
