import { getRouteApi } from '@tanstack/react-router';
import { Upload } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { Button } from '@/components/ui/button';
import { PageHead } from '@/components/ui/page';
import { useOwnFields, useStatuses } from '@/features/customers/own';
import { ChooseFile } from '@/features/imports/choose-file';
import { type Target, useTargets } from '@/features/imports/fields';
import { PastImports } from '@/features/imports/past';
import { Preview } from '@/features/imports/preview';
import { type Choices, usePreview, useStartImport } from '@/features/imports/queries';
import { ImportRun } from '@/features/imports/run';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/crm/customers/import');

/** The file at hand, and what was asked with it; gone when the page is left. */
interface AtHand {
  file: File;
  choices?: Choices;
}

function useFieldNames(): { targets: Target[]; fieldName: (field: string) => string } {
  const own = useOwnFields().map(({ key, label }) => ({ value: `custom.${key}`, label }));
  const targets = useTargets(own);
  return { targets, fieldName: (field) => targets.find(({ value }) => value === field)?.label ?? field };
}

export function CustomersImportPage() {
  const { t } = useTranslation();
  const { id } = route.useSearch();
  const navigate = route.useNavigate();
  const [atHand, setAtHand] = useState<AtHand | null>(null);
  const preview = usePreview();
  const start = useStartImport();
  const { targets, fieldName } = useFieldNames();
  const status = useStatuses();
  useCrumbs({ label: t('customers.title'), to: '/crm/customers' }, { label: t('imports.title') });
  const begin = (file: File, choices: Choices, dry_run: boolean) => {
    setAtHand({ file, choices });
    start.mutate(
      { file, ...choices, dry_run },
      { onSuccess: (accepted) => void navigate({ search: { id: accepted.id } }) },
    );
  };
  const restart = () => {
    setAtHand(null);
    preview.reset();
    start.reset();
    if (id) void navigate({ search: {} });
  };
  const again = ({ dry_run }: Import) => {
    const { file, choices } = atHand ?? {};
    if (!dry_run || !file || !choices) return null;
    return (
      <>
        <Button
          look="primary"
          icon={Upload}
          busy={start.isPending}
          onClick={() => begin(file, choices, false)}
        >
          {t('imports.importNow')}
        </Button>
        <Button onClick={() => void navigate({ search: {} })}>{t('imports.changeMapping')}</Button>
      </>
    );
  };
  return (
    <>
      <PageHead title={t('imports.title')} lead={t('imports.lead')} />
      <div className="flex max-w-4xl flex-col gap-4">
        {id && (
          <ImportRun
            key={id}
            id={id}
            fieldName={fieldName}
            again={atHand ? again : undefined}
            next={<Button onClick={restart}>{t('imports.otherFile')}</Button>}
          />
        )}
        {!id && atHand && preview.data && (
          <Preview
            file={atHand.file}
            preview={preview.data}
            targets={targets}
            statuses={status.keys.map((value) => ({ value, label: status.name(value) }))}
            busy={start.isPending}
            error={start.error}
            onTry={(choices) => begin(atHand.file, choices, true)}
            onImport={(choices) => begin(atHand.file, choices, false)}
            onOther={restart}
          />
        )}
        {!id && !preview.data && (
          <ChooseFile
            busy={preview.isPending}
            error={preview.error}
            onChoose={(file) => {
              setAtHand({ file });
              preview.mutate(file);
            }}
          />
        )}
        <PastImports />
      </div>
    </>
  );
}
