/** What the file holds, and which column fills which field. */
import { Eye } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportPreview } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Select } from '@/components/ui/select';
import { Refusal } from '@/components/ui/states';
import { Switch } from '@/components/ui/switch';
import { formatCount } from '@/format/numbers';
import type { Target } from './fields';
import type { Choices, Mapping } from './queries';
import { useRefusedFile } from './refused-file';

const SAMPLES = 3;

interface PreviewProps {
  file: File;
  preview: ImportPreview;
  /** What a column can fill. */
  targets: readonly Target[];
  /** What new customers can be. */
  statuses: readonly Target[];
  busy: boolean;
  error: unknown;
  onTry: (choices: Choices) => void;
  onImport: (choices: Choices) => void;
  onOther: () => void;
}

export function Preview(props: PreviewProps) {
  const { file, preview, targets, statuses, busy, error, onTry, onImport, onOther } = props;
  const { t } = useTranslation();
  const [mapping, setMapping] = useState<Mapping>(() => suggested(preview));
  const [overwrite, setOverwrite] = useState(false);
  const [new_status, setStatus] = useState('new');
  const choices = { mapping, overwrite, new_status };
  const refused = useRefusedFile(error);
  return (
    <section aria-label={t('imports.previewTitle')} className="rounded-card border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 pt-4">
        <h2 className="text-lead font-bold">{t('imports.previewTitle')}</h2>
        <Badge>{t(`imports.kind.${preview.kind as unknown as 'csv'}`)}</Badge>
        <span className="text-cell text-muted">
          {t('imports.rows', { count: preview.rows, shown: formatCount(preview.rows) })}
        </span>
        <p className="w-full truncate text-caption text-muted">
          <bdi>{file.name}</bdi>
        </p>
      </header>
      <ul aria-label={t('imports.columns')} className="mt-3 border-t border-line">
        {preview.columns.map(({ name }, at) => (
          <li
            key={name}
            className="grid items-center gap-x-6 gap-y-2 border-b border-line px-5 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_14rem]"
          >
            <bdi className="truncate font-semibold">{name}</bdi>
            <Samples rows={preview.first_rows} column={at} />
            <Select
              small
              labelHidden
              label={t('imports.fillsOf', { column: name })}
              value={mapping[name] ?? ''}
              options={[{ value: '', label: t('imports.leftOut') }, ...targets]}
              onChoose={(field) => setMapping({ ...mapping, [name]: field || null })}
            />
          </li>
        ))}
      </ul>
      <div className="flex flex-col gap-3 px-5 py-3">
        <div className="max-w-56">
          <Select label={t('imports.newStatus')} value={new_status} options={statuses} onChoose={setStatus} />
        </div>
        <Switch
          checked={overwrite}
          onChange={setOverwrite}
          label={t('imports.overwrite')}
          hint={t('imports.overwriteHint')}
        />
        {error ? <Refusal error={error} text={refused} /> : null}
      </div>
      <footer className="flex flex-wrap gap-2 px-5 pb-5">
        <Button look="primary" icon={Eye} busy={busy} onClick={() => onTry(choices)}>
          {t('imports.try')}
        </Button>
        <Button busy={busy} onClick={() => onImport(choices)}>
          {t('imports.importNow')}
        </Button>
        <Button look="ghost" onClick={onOther}>
          {t('imports.otherFile')}
        </Button>
      </footer>
    </section>
  );
}

function suggested({ columns }: ImportPreview): Mapping {
  const fields = columns.map(({ name, field }) => [name, field ?? null] as const);
  return Object.fromEntries(fields);
}

/** The first values of a column, to see what it is. */
function Samples({ rows, column }: { rows: readonly string[][]; column: number }) {
  const { t } = useTranslation();
  const values = rows.map((row) => row[column] ?? '').filter(Boolean);
  if (values.length === 0) return <span className="text-cell text-faint">{t('imports.emptyColumn')}</span>;
  return (
    <span className="flex min-w-0 flex-wrap gap-x-2 gap-y-1 text-cell text-muted">
      {[...new Set(values)].slice(0, SAMPLES).map((value) => (
        <bdi key={value} className="max-w-full truncate rounded-mark bg-sunken px-1.5">
          {value}
        </bdi>
      ))}
    </span>
  );
}
