/** A text of the settings that is saved when one leaves it. */
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { Settings } from '@/api/types';
import { Field, TextField } from '@/components/ui/field';
import { fieldText, problemText } from '@/i18n/problem-text';
import { useSaveSettings } from '@/session/settings';

interface SavedTextProps {
  settings: Settings;
  field: 'name' | 'domain' | 'agent_name' | 'greeting_text' | 'agent_prompt';
  label: string;
  hint?: ReactNode;
  required?: boolean;
  readOnly?: boolean;
  /** How many lines; without it, one. */
  rows?: number;
  ltr?: boolean;
  most?: number;
  /** Told of what stands in the field, saved or not. */
  onText?: (text: string) => void;
}

export function SavedText(props: SavedTextProps) {
  const { settings, field, label, hint, required, readOnly, rows, ltr, most, onText } = props;
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [draft, setDraft] = useState<string | null>(null);
  const kept = settings[field] ?? '';
  const shown = draft ?? kept;
  const missing = required && draft !== null && !draft.trim();
  const conflict = isProblem(save.error) && save.error.status === 409;
  const refused = fieldText(t, save.error, field) ?? (conflict ? problemText(t, save.error) : undefined);
  const leave = () => {
    if (draft === null || missing) return;
    const next = draft.trim();
    if (next === kept) return setDraft(null);
    save.mutate({ change: { [field]: next || null } }, { onSuccess: () => setDraft(null) });
  };
  const keysOf = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !rows) leave();
    if (event.key === 'Escape') {
      setDraft(null);
      onText?.(kept);
      save.reset();
    }
  };
  const shared = {
    label,
    hint,
    error: missing ? t('common.required') : draft === null ? undefined : refused,
    value: shown,
    readOnly: readOnly ?? false,
    maxLength: most,
    onBlur: leave,
    onKeyDown: keysOf,
    onChange: (event: { target: { value: string } }) => {
      setDraft(event.target.value);
      onText?.(event.target.value);
    },
  };
  if (rows) return <TextField {...shared} rows={rows} />;
  return <Field {...shared} autoComplete="off" dir={ltr ? 'ltr' : shown ? 'auto' : undefined} />;
}

interface SavedNumberProps {
  label: string;
  value: number;
  range: readonly [number, number];
  wrong: string;
  onSave: (value: number) => void;
}

export function SavedNumber({ label, value, range, wrong, onSave }: SavedNumberProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const given = draft === null ? value : Number(draft);
  const bad =
    draft !== null && !(draft.trim() && Number.isInteger(given) && given >= range[0] && given <= range[1]);
  return (
    <Field
      label={label}
      inputMode="numeric"
      dir="ltr"
      value={draft ?? String(value)}
      error={bad ? wrong : undefined}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => {
        if (draft === null || bad) return;
        setDraft(null);
        if (given !== value) onSave(given);
      }}
    />
  );
}
