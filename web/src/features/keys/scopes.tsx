import { useTranslation } from 'react-i18next';

const RESOURCES = [
  'customers',
  'calls',
  'threads',
  'messages',
  'tasks',
  'deals',
  'contracts',
  'invoices',
  'payments',
  'stats',
] as const;
const SEND = 'messages:send';

interface ScopesProps {
  chosen: readonly string[];
  onChange: (scopes: readonly string[]) => void;
  error: string | undefined;
}

/** What a key may do: a row for each kind of record. */
export function Scopes({ chosen, onChange, error }: ScopesProps) {
  const { t } = useTranslation();
  const box = (scope: string, label: string) => (
    <label className="mx-auto grid size-9 cursor-pointer place-items-center rounded-control hover:bg-hover max-md:size-11">
      <input
        type="checkbox"
        aria-label={label}
        checked={chosen.includes(scope)}
        onChange={(event) =>
          onChange(event.target.checked ? [...chosen, scope] : chosen.filter((other) => other !== scope))
        }
        className="size-4 accent-accent"
      />
    </label>
  );
  return (
    <div>
      <table className="w-full text-cell">
        <caption className="mb-1 text-start font-semibold">{t('keys.scopes')}</caption>
        <thead>
          <tr className="text-caption text-muted">
            <td />
            <th scope="col" className="w-20 font-normal">
              {t('keys.read')}
            </th>
            <th scope="col" className="w-20 font-normal">
              {t('keys.write')}
            </th>
          </tr>
        </thead>
        <tbody>
          {RESOURCES.map((resource) => {
            const name = t(`keys.resource.${resource}`);
            return (
              <tr key={resource} className="border-t border-line">
                <th scope="row" className="text-start font-normal">
                  {name}
                </th>
                <td>{box(`${resource}:read`, t('keys.scopeRead', { name }))}</td>
                <td>{box(`${resource}:write`, t('keys.scopeWrite', { name }))}</td>
              </tr>
            );
          })}
          <tr className="border-t border-line">
            <th scope="row" className="text-start font-normal">
              {t('keys.send')}
            </th>
            <td />
            <td>{box(SEND, t('keys.send'))}</td>
          </tr>
        </tbody>
      </table>
      {error && (
        <p role="alert" className="mt-1 text-caption text-danger-text">
          {error}
        </p>
      )}
    </div>
  );
}
