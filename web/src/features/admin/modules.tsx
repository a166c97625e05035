/** What a business has a licence for, and what of it is on: the parts that the app has pages of. */
import { useTranslation } from 'react-i18next';
import type { Business } from '@/api/types';

export const MODULES = ['crm', 'calls', 'whatsapp'] as const;
export type ModuleStates = Business['modules'];

interface ModulesProps {
  value: ModuleStates;
  onChange: (value: ModuleStates) => void;
}

export function ModuleTable({ value, onChange }: ModulesProps) {
  const { t } = useTranslation();
  const box = (module: (typeof MODULES)[number], part: 'licensed' | 'on') => (
    <label className="mx-auto grid size-9 cursor-pointer place-items-center rounded-control hover:bg-hover has-disabled:cursor-not-allowed has-disabled:opacity-50 max-md:size-11">
      <input
        type="checkbox"
        aria-label={`${t(`business.modules.${module}`)}: ${t(`admin.business.${part}`)}`}
        checked={value[module][part]}
        disabled={part === 'on' && !value[module].licensed}
        onChange={(event) =>
          onChange({ ...value, [module]: { ...value[module], [part]: event.target.checked } })
        }
        className="size-4 accent-accent"
      />
    </label>
  );
  return (
    <table className="w-full text-cell">
      <caption className="mb-1 text-start font-semibold">{t('admin.business.modules')}</caption>
      <thead>
        <tr className="text-caption text-muted">
          <td />
          <th scope="col" className="w-24 font-normal">
            {t('admin.business.licensed')}
          </th>
          <th scope="col" className="w-20 font-normal">
            {t('admin.business.on')}
          </th>
        </tr>
      </thead>
      <tbody>
        {MODULES.map((module) => (
          <tr key={module} className="border-t border-line">
            <th scope="row" className="text-start font-normal">
              {t(`business.modules.${module}`)}
            </th>
            <td>{box(module, 'licensed')}</td>
            <td>{box(module, 'on')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
