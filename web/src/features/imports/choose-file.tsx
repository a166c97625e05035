/** The file: chosen, or dropped here. */
import { FileUp } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Refusal } from '@/components/ui/states';
import { useRefusedFile } from './refused-file';

const TAKEN = '.csv,.tsv,.txt,.xlsx,.vcf,text/csv,text/vcard';

interface ChooseFileProps {
  busy: boolean;
  error: unknown;
  onChoose: (file: File) => void;
}

export function ChooseFile({ busy, error, onChoose }: ChooseFileProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const refused = useRefusedFile(error);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) onChoose(file);
  };
  return (
    <section
      aria-label={t('imports.choose')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cx(
        'flex flex-col items-center rounded-card border-2 border-dashed px-6 py-12 text-center transition-colors',
        over ? 'border-accent bg-accent-soft' : 'border-line bg-surface',
      )}
    >
      <span className="mb-3 grid size-12 place-items-center rounded-full bg-accent-soft text-accent-text">
        <FileUp aria-hidden className="size-6" strokeWidth={1.8} />
      </span>
      <h2 className="text-lead font-bold">{t('imports.chooseTitle')}</h2>
      <p className="mt-1 max-w-[52ch] text-cell text-balance text-muted">{t('imports.chooseHint')}</p>
      <input
        ref={input}
        type="file"
        accept={TAKEN}
        aria-label={t('imports.file')}
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = '';
          if (file) onChoose(file);
        }}
      />
      <Button look="primary" className="mt-5" busy={busy} onClick={() => input.current?.click()}>
        {busy ? t('imports.reading') : t('imports.choose')}
      </Button>
      <p className="mt-3 text-caption text-faint">{t('imports.kept')}</p>
      {error ? (
        <div className="mt-4 w-full max-w-md text-start">
          <Refusal error={error} text={refused} />
        </div>
      ) : null}
    </section>
  );
}
