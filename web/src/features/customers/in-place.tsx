/** A field that is read until it is clicked, and then edited where it stands. */
import { Pencil } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components/ui/cx';
import { INPUT } from '@/components/ui/field';

interface InPlaceProps {
  label: string;
  value: string;
  onSave: (value: string) => void;
  /** How the value reads; as it is when left out. */
  shown?: ReactNode;
  type?: 'text' | 'tel' | 'email' | 'number' | 'date';
  direction?: 'ltr' | 'auto';
  multiline?: boolean;
  readOnly?: boolean;
  /** It stands open at once: someone asked for it. */
  startOpen?: boolean;
  /** Saved or left as it was. */
  onDone?: () => void;
}

export function InPlace(props: InPlaceProps) {
  const { label, value, onSave, shown, multiline, readOnly, startOpen, onDone } = props;
  const { t } = useTranslation();
  const [draft, setDraft] = useState<string | null>(startOpen ? value : null);
  const close = () => {
    setDraft(null);
    onDone?.();
  };
  const finish = () => {
    if (draft !== null && draft.trim() !== value) onSave(draft.trim());
    close();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
    if (event.key === 'Enter' && (!multiline || event.ctrlKey || event.metaKey)) finish();
  };
  return (
    <div className={cx('flex min-h-9 items-start gap-3 text-cell', multiline && 'sm:col-span-2')}>
      <dt className="w-24 shrink-0 pt-1.5 text-muted">{label}</dt>
      <dd className="min-w-0 grow">
        {draft !== null ? (
          <Editor {...props} draft={draft} onDraft={setDraft} onBlur={finish} onKeyDown={pressed} />
        ) : readOnly ? (
          <div className="px-2 py-1.5 whitespace-pre-line">{shown ?? <bdi>{value}</bdi>}</div>
        ) : (
          <button
            type="button"
            className="group/field -mx-0.5 flex w-full items-start gap-2 rounded-mark px-2 py-1.5 text-start hover:bg-hover max-md:min-h-11"
            onClick={() => setDraft(value)}
          >
            <span className="sr-only">{t('customers.editField', { name: label })}</span>
            <span className="min-w-0 grow whitespace-pre-line">{shown ?? <bdi>{value}</bdi>}</span>
            <Pencil
              aria-hidden
              className="mt-1 size-3.5 shrink-0 text-faint opacity-0 group-hover/field:opacity-100 group-focus-visible/field:opacity-100"
            />
          </button>
        )}
      </dd>
    </div>
  );
}

interface EditorProps extends InPlaceProps {
  draft: string;
  onDraft: (draft: string) => void;
  onBlur: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function Editor({
  label,
  type,
  direction = 'auto',
  multiline,
  draft,
  onDraft,
  onBlur,
  onKeyDown,
}: EditorProps) {
  const shared = {
    'aria-label': label,
    dir: direction,
    value: draft,
    onBlur,
    onKeyDown,
    // The field appears because it was asked for by a click or by Enter.
    autoFocus: true,
    onChange: (event: { target: { value: string } }) => onDraft(event.target.value),
  };
  if (multiline) return <textarea rows={4} {...shared} className={cx(INPUT, 'px-2 py-1.5 text-cell')} />;
  return <input type={type ?? 'text'} {...shared} className={cx(INPUT, 'h-9 px-2 text-cell')} />;
}
