/** Texts that the provider has approved, which may go at any time. */
import { useQuery } from '@tanstack/react-query';
import { LayoutTemplate, Pencil, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { MessageTemplate } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, TextField } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { Refusal } from '@/components/ui/states';
import { fieldText } from '@/i18n/problem-text';
import { templatesQuery, useTemplates } from './queries';
import { TextsCard } from './texts-card';

const LONGEST_BODY = 1_600;
const LANGUAGES = ['he', 'en', 'ar', 'ru'] as const;

export function Templates() {
  const { t } = useTranslation();
  const query = useQuery(templatesQuery);
  const [edited, setEdited] = useState<MessageTemplate | 'new' | null>(null);
  const { remove } = useTemplates();
  return (
    <>
      <TextsCard
        title={t('whatsapp.templates.title')}
        lead={t('whatsapp.templates.lead')}
        icon={LayoutTemplate}
        query={query}
        empty={t('whatsapp.templates.empty')}
        action={
          <Button icon={Plus} onClick={() => setEdited('new')}>
            {t('whatsapp.templates.add')}
          </Button>
        }
        rows={(query.data ?? []).map((template) => ({
          id: template.id,
          name: template.name,
          mark: template.language,
          text: template.body,
          acts: [
            {
              icon: Pencil,
              label: t('whatsapp.edit', { name: template.name }),
              run: () => setEdited(template),
            },
            {
              icon: Trash2,
              label: t('whatsapp.delete', { name: template.name }),
              run: () => remove.mutate(template),
            },
          ],
        }))}
      />
      {edited && <Editor template={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}

const FORM = 'message-template';

function Editor({ template, onClose }: { template: MessageTemplate | null; onClose: () => void }) {
  const { t } = useTranslation();
  const { save } = useTemplates();
  const [name, setName] = useState(template?.name ?? '');
  const [language, setLanguage] = useState(template?.language ?? 'he');
  const [body, setBody] = useState(template?.body ?? '');
  const [sid, setSid] = useState(template?.twilio_content_sid ?? '');
  const [meta, setMeta] = useState(template?.meta_name ?? '');
  const languages = LANGUAGES.some((one) => one === language) ? [...LANGUAGES] : [...LANGUAGES, language];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim() || !body.trim()) return;
    save.mutate(
      {
        id: template?.id ?? null,
        name: name.trim(),
        language,
        body: body.trim(),
        twilio_content_sid: sid.trim() || null,
        meta_name: meta.trim() || null,
      },
      { onSuccess: onClose },
    );
  };
  const taken = isProblem(save.error, 'name_exists') ? t('whatsapp.templates.taken') : undefined;
  const fields = isProblem(save.error) && save.error.fields.size > 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(template ? 'whatsapp.templates.change' : 'whatsapp.templates.add')}
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
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_9rem]">
          <Field
            label={t('whatsapp.templates.name')}
            required
            maxLength={120}
            autoComplete="off"
            dir={name ? 'auto' : undefined}
            value={name}
            error={taken ?? fieldText(t, save.error, 'name')}
            onChange={(event) => setName(event.target.value)}
          />
          <Select
            label={t('whatsapp.templates.language')}
            value={language}
            options={languages.map((one) => ({
              value: one,
              label: LANGUAGES.some((known) => known === one)
                ? t(`whatsapp.templates.languages.${one as 'he'}`)
                : one,
            }))}
            onChoose={setLanguage}
          />
        </div>
        <TextField
          label={t('whatsapp.templates.body')}
          hint={t('whatsapp.templates.bodyHint')}
          required
          rows={4}
          maxLength={LONGEST_BODY}
          value={body}
          error={fieldText(t, save.error, 'body')}
          onChange={(event) => setBody(event.target.value)}
        />
        <Field
          label={t('whatsapp.templates.twilio')}
          dir="ltr"
          maxLength={64}
          autoComplete="off"
          value={sid}
          error={fieldText(t, save.error, 'twilio_content_sid')}
          onChange={(event) => setSid(event.target.value)}
        />
        <Field
          label={t('whatsapp.templates.meta')}
          dir="ltr"
          maxLength={512}
          autoComplete="off"
          value={meta}
          error={fieldText(t, save.error, 'meta_name')}
          onChange={(event) => setMeta(event.target.value)}
        />
        {!taken && !fields && <Refusal error={save.error} />}
      </form>
    </Dialog>
  );
}
