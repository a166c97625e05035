/** Answers that are written often, by a short word. */
import { useQuery } from '@tanstack/react-query';
import { MessageSquareText, Pencil, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { CannedReply } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, TextField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { fieldText } from '@/i18n/problem-text';
import { cannedQuery, useCanned } from './queries';
import { TextsCard } from './texts-card';

export function Canned() {
  const { t } = useTranslation();
  const query = useQuery(cannedQuery);
  const [edited, setEdited] = useState<CannedReply | 'new' | null>(null);
  const { remove } = useCanned();
  return (
    <>
      <TextsCard
        title={t('whatsapp.canned.title')}
        lead={t('whatsapp.canned.lead')}
        icon={MessageSquareText}
        query={query}
        empty={t('whatsapp.canned.empty')}
        action={
          <Button icon={Plus} onClick={() => setEdited('new')}>
            {t('whatsapp.canned.add')}
          </Button>
        }
        rows={(query.data ?? []).map((reply) => ({
          id: reply.id,
          name: `/${reply.shortcut}`,
          text: reply.text,
          acts: [
            {
              icon: Pencil,
              label: t('whatsapp.edit', { name: reply.shortcut }),
              run: () => setEdited(reply),
            },
            {
              icon: Trash2,
              label: t('whatsapp.delete', { name: reply.shortcut }),
              run: () => remove.mutate(reply),
            },
          ],
        }))}
      />
      {edited && <Editor reply={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}

const FORM = 'canned-reply';

function Editor({ reply, onClose }: { reply: CannedReply | null; onClose: () => void }) {
  const { t } = useTranslation();
  const { save } = useCanned();
  const [shortcut, setShortcut] = useState(reply?.shortcut ?? '');
  const [text, setText] = useState(reply?.text ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!shortcut.trim() || !text.trim()) return;
    save.mutate(
      { id: reply?.id ?? null, shortcut: shortcut.trim(), text: text.trim() },
      { onSuccess: onClose },
    );
  };
  const taken = isProblem(save.error, 'shortcut_exists') ? t('whatsapp.canned.taken') : undefined;
  const fields = isProblem(save.error) && save.error.fields.size > 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(reply ? 'whatsapp.canned.change' : 'whatsapp.canned.add')}
      actions={
        <>
          <Button look="primary" type="submit" form={FORM} busy={save.isPending}>
            {t('common.save')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id={FORM} onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <Field
          label={t('whatsapp.canned.shortcut')}
          hint={t('whatsapp.canned.shortcutHint')}
          required
          maxLength={40}
          autoComplete="off"
          dir={shortcut ? 'auto' : undefined}
          value={shortcut}
          error={taken ?? fieldText(t, save.error, 'shortcut')}
          onChange={(event) => setShortcut(event.target.value)}
        />
        <TextField
          label={t('whatsapp.canned.text')}
          required
          rows={4}
          maxLength={4_096}
          value={text}
          error={fieldText(t, save.error, 'text')}
          onChange={(event) => setText(event.target.value)}
        />
        {!taken && !fields && <Refusal error={save.error} />}
      </form>
    </Dialog>
  );
}
