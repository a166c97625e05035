/** How one is told of what: a row for each kind, a switch for each way. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Ways } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { useSession } from '@/session/session';
import { iconOf, type Kind, kindsFor } from './kinds';
import { preferencesQuery, useChangeWay, type Way } from './queries';

const WAYS: readonly Way[] = ['screen', 'push', 'email', 'whatsapp'];

export function Preferences() {
  const { t } = useTranslation();
  const session = useSession();
  const query = useQuery(preferencesQuery);
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (!query.data) return <Trouble small error={query.error} onRetry={() => void query.refetch()} />;
  const { kinds } = query.data;
  return (
    <table className="w-full table-fixed text-cell">
      <thead>
        <tr>
          <th
            scope="col"
            className="h-10 border-b border-line ps-5 text-start text-caption max-md:ps-4 font-semibold text-muted"
          >
            {t('notifications.what')}
          </th>
          {WAYS.map((way) => (
            <th
              key={way}
              scope="col"
              className="w-24 border-b border-line px-1 text-center text-caption font-semibold text-muted max-md:w-13 max-md:px-0 max-md:text-[11px]"
            >
              {t(`notifications.way.${way}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kindsFor(session, Object.keys(kinds)).map((kind) => {
          const ways = kinds[kind];
          return ways && <KindRow key={kind} kind={kind} ways={ways} />;
        })}
      </tbody>
    </table>
  );
}

function KindRow({ kind, ways }: { kind: Kind; ways: Ways }) {
  const { t } = useTranslation();
  const change = useChangeWay();
  const Icon = iconOf(kind);
  const name = t(`notifications.kind.${kind}`);
  return (
    <tr className="group">
      <th
        scope="row"
        className="border-b border-line py-2.5 ps-5 pe-2 text-start max-md:ps-4 font-semibold group-last:border-b-0"
      >
        <span className="flex items-center gap-3">
          <Icon aria-hidden className="size-4 shrink-0 text-muted max-md:hidden" strokeWidth={1.9} />
          {name}
        </span>
      </th>
      {WAYS.map((way) => (
        <td key={way} className="border-b border-line px-1 text-center group-last:border-b-0 max-md:px-0">
          <button
            type="button"
            role="switch"
            aria-checked={ways[way]}
            aria-label={t('notifications.tell', { kind: name, way: t(`notifications.way.${way}`) })}
            onClick={() => change.mutate({ kind, way, on: !ways[way] })}
            className="target inline-grid place-items-center rounded-full p-1.5"
          >
            <span
              className={cx(
                'relative block h-5 w-9 rounded-full border transition-colors',
                ways[way] ? 'border-accent bg-accent' : 'border-edge bg-sunken',
              )}
            >
              <span
                className={cx(
                  'absolute top-0.5 size-3.5 rounded-full transition-all',
                  ways[way] ? 'end-0.5 bg-on-accent' : 'start-0.5 bg-muted',
                )}
              />
            </span>
          </button>
        </td>
      ))}
    </tr>
  );
}
