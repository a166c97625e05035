/** Writes to a customer with whom nothing was written yet. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Customer } from '@/api/types';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { formatName, isPhone } from '@/format/phone';
import { usePermission } from '@/session/session';
import type { Content } from './outbox';
import { TemplateDialog } from './template-dialog';

const MOST_CHARS = 4_096;

export function FirstMessage({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const maySend = usePermission('messages:send');
  const templates = useDialog(`template-customer-${customer.id}`);
  const [text, setText] = useState('');
  // The same words sent again after a broken connection go once.
  const key = useRef({ of: '', value: '' });
  const send = useMutation({
    mutationFn: (content: Content) => {
      const written = JSON.stringify(content);
      if (key.current.of !== written) key.current = { of: written, value: crypto.randomUUID() };
      const params = { header: { 'Idempotency-Key': key.current.value } };
      if (content.kind === 'template')
        return take(
          api.POST('/api/whatsapp/send_template', {
            params,
            body: {
              customer_id: customer.id,
              template: content.template,
              lang: content.language,
              variables: content.variables,
            },
          }),
        );
      return take(
        api.POST('/api/whatsapp/send', { params, body: { customer_id: customer.id, text: text.trim() } }),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.threads.all }),
  });
  if (!maySend || customer.do_not_contact) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) send.mutate({ kind: 'text', text: text.trim() });
  };
  const closed = isProblem(send.error, 'outside_window');
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 border-t border-line p-5">
      <TextField
        label={t('inbox.write')}
        maxLength={MOST_CHARS}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Refusal error={send.error} text={closed ? t('inbox.window.closedHint') : undefined} />
      <div className="flex flex-wrap gap-2">
        <Button look="primary" type="submit" icon={Send} busy={send.isPending} disabled={!text.trim()}>
          {t('inbox.send')}
        </Button>
        <Button onClick={templates.show}>{t('inbox.template.choose')}</Button>
      </div>
      <TemplateDialog
        open={templates.open}
        onClose={templates.hide}
        name={isPhone(customer.name) ? null : formatName(customer.name)}
        onSend={(content) => send.mutate(content)}
      />
    </form>
  );
}
