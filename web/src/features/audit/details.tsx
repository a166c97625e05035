/** One record of the audit log with everything it holds. */
import { useTranslation } from 'react-i18next';
import type { AuditRow } from '@/api/types';
import { Dialog } from '@/components/ui/dialog';
import { useFormat } from '@/format/use-format';
import { type Names, useActionWords, useActor, useRecordWords } from './row-words';

interface DetailsProps {
  open: boolean;
  onClose: () => void;
  row: AuditRow;
  names: Names;
}

export function AuditDetails({ open, onClose, row, names }: DetailsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const action = useActionWords();
  const record = useRecordWords();
  const actor = useActor(names);
  const facts: [string, string, boolean][] = [
    [t('audit.who'), actor(row), false],
    [t('audit.record'), record(row), false],
    [t('audit.at'), format.dateTime(row.at), false],
    [t('audit.code'), row.action, true],
    [t('audit.ip'), row.ip ?? '', true],
    [t('audit.device'), row.user_agent ?? '', true],
    [t('audit.request'), row.request_id, true],
    [t('audit.place'), String(row.seq), true],
    [t('audit.hash'), row.hash, true],
    [t('audit.prevHash'), row.prev_hash, true],
  ];
  return (
    <Dialog side open={open} onClose={onClose} title={action(row.action)}>
      <Changes changes={row.changes} />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-2 py-4 text-cell">
        {facts
          .filter(([, value]) => value)
          .map(([label, value, code]) => (
            <div key={label} className="contents">
              <dt className="text-caption text-muted">{label}</dt>
              <dd className="min-w-0">
                {code ? (
                  <bdi dir="ltr" className="font-mono text-[12px] break-all">
                    {value}
                  </bdi>
                ) : (
                  <bdi>{value}</bdi>
                )}
              </dd>
            </div>
          ))}
      </dl>
    </Dialog>
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A field that holds what was before and what after, `{from, to}`. */
function pair(value: unknown): [unknown, unknown] | null {
  if (typeof value !== 'object' || value === null || !('from' in value && 'to' in value)) return null;
  return [value.from, value.to];
}

function Changes({ changes }: { changes: unknown }) {
  const { t } = useTranslation();
  const fields = typeof changes === 'object' && changes !== null ? Object.entries(changes) : [];
  if (fields.length === 0) return null;
  return (
    <table className="w-full table-fixed border-y border-line text-caption">
      <thead className="text-muted">
        <tr>
          <th scope="col" className="w-28 py-2 text-start font-semibold">
            {t('audit.field')}
          </th>
          <th scope="col" className="py-2 text-start font-semibold">
            {t('audit.before')}
          </th>
          <th scope="col" className="py-2 text-start font-semibold">
            {t('audit.after')}
          </th>
        </tr>
      </thead>
      <tbody>
        {fields.map(([field, value]) => {
          const [before, after] = pair(value) ?? [undefined, value];
          return (
            <tr key={field} className="border-t border-line align-top">
              <th scope="row" className="py-2 pe-2 text-start font-normal">
                <bdi dir="ltr" className="font-mono break-all">
                  {field}
                </bdi>
              </th>
              <td className="py-2 pe-2 break-words text-muted">
                <bdi>{shown(before)}</bdi>
              </td>
              <td className="py-2 break-words">
                <bdi>{shown(after)}</bdi>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
