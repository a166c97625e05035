import { type ReactNode, useEffect, useState } from 'react';
import { Field } from '@/components/ui/field';

interface CommittedProps {
  label: string;
  /** What readers hear where the label alone does not say it. */
  spoken?: string;
  hint?: ReactNode;
  value: string;
  type?: 'text' | 'date' | 'number';
  onCommit: (value: string) => void;
}

/** A field that counts when one leaves it or presses Enter; a date as soon as it is chosen. */
export function Committed({ label, spoken, hint, value, type = 'text', onCommit }: CommittedProps) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const commit = (text: string) => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <Field
      label={label}
      hint={hint}
      type={type}
      autoComplete="off"
      {...(spoken && { 'aria-label': spoken })}
      {...(type !== 'text' && { dir: 'ltr' })}
      value={draft}
      onChange={(event) => {
        setDraft(event.target.value);
        if (type === 'date') commit(event.target.value);
      }}
      onBlur={() => commit(draft)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit(draft);
      }}
    />
  );
}
