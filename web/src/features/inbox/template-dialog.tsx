/** A stored text that may go at any time, with its values. */
import { useQuery } from '@tanstack/react-query';
import { MessageSquareText } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageTemplate } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { Prose } from '@/components/ui/text';
import type { Content } from './outbox';
import { templatesQuery } from './queries';
import { filled, placesOf } from './template-text';

interface TemplateDialogProps {
  open: boolean;
  onClose: () => void;
  /** How the customer is called: the usual first value. */
  name: string | null;
  onSend: (content: Content) => void;
}

const FORM = 'send-template';

export function TemplateDialog({ open, onClose, name, onSend }: TemplateDialogProps) {
  const { t } = useTranslation();
  const query = useQuery({ ...templatesQuery, enabled: open });
  const templates = query.data ?? [];
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('inbox.template.title')}
      lead={t('inbox.template.lead')}
      actions={
        templates.length > 0 && (
          <>
            <Button look="primary" type="submit" form={FORM}>
              {t('inbox.template.send')}
            </Button>
            <Button onClick={onClose}>{t('common.back')}</Button>
          </>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={2} />}
      {query.isError && !query.data && (
        <Trouble small error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && templates.length === 0 && (
        <Empty
          small
          icon={MessageSquareText}
          title={t('inbox.template.none')}
          hint={t('inbox.template.noneHint')}
        />
      )}
      {templates.length > 0 && <Form templates={templates} name={name} onSend={onSend} onClose={onClose} />}
    </Dialog>
  );
}

type FormProps = Pick<TemplateDialogProps, 'name' | 'onSend' | 'onClose'> & {
  templates: readonly MessageTemplate[];
};

function Form({ templates, name, onSend, onClose }: FormProps) {
  const { t } = useTranslation();
  const [id, setId] = useState(templates[0]?.id ?? 0);
  const [values, setValues] = useState<Record<string, string>>(name ? { 1: name, name } : {});
  const [tried, setTried] = useState(false);
  const chosen = templates.find((template) => template.id === id) ?? templates[0];
  if (!chosen) return null;
  const places = placesOf(chosen.body);
  const missing = places.filter((place) => !values[place]?.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (missing.length > 0) return;
    const variables = Object.fromEntries(places.map((place) => [place, (values[place] ?? '').trim()]));
    onSend({
      kind: 'template',
      template: chosen.name,
      language: chosen.language,
      variables,
      text: filled(chosen.body, variables),
    });
    onClose();
  };
  return (
    <form id={FORM} onSubmit={submit} className="flex flex-col gap-4 pb-2">
      <Select
        label={t('inbox.template.which')}
        value={String(chosen.id)}
        options={templates.map((template) => ({
          value: String(template.id),
          label: template.language === 'he' ? template.name : `${template.name} (${template.language})`,
        }))}
        onChoose={(value) => setId(Number(value))}
      />
      {places.map((place) => (
        <Field
          key={place}
          label={/^\d+$/.test(place) ? t('inbox.template.value', { n: place }) : place}
          dir={values[place] ? 'auto' : undefined}
          autoComplete="off"
          value={values[place] ?? ''}
          error={tried && !values[place]?.trim() ? t('common.required') : undefined}
          onChange={(event) => setValues({ ...values, [place]: event.target.value })}
        />
      ))}
      <div className="rounded-card bg-accent-soft px-3.5 py-2.5">
        <Prose className="whitespace-pre-wrap">{filled(chosen.body, values)}</Prose>
      </div>
    </form>
  );
}
