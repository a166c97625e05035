/** The newest customers of the last week. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, UserRoundPlus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '@/components/ui/avatar';
import { Count } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { clockTime } from '@/format/dates';
import { formatName } from '@/format/phone';
import { useFormat, useNow, useZone } from '@/format/use-format';
import { customersQuery } from './queries';

const SHOWN = 6;
const DAYS = 7;

export function NewLeads() {
  const { t } = useTranslation();
  const zone = useZone();
  const format = useFormat();
  const now = useNow();
  const since = clockTime(zone, now, -DAYS, 0).toISOString();
  const query = useQuery(
    customersQuery({
      status: 'new',
      counted: 'true',
      created_from: since,
      sort: '-created_at',
      limit: SHOWN,
    }),
  );
  const customers = query.data?.results;
  return (
    <Panel
      title={t('today.leads')}
      aside={
        <span className="flex items-center gap-2 text-caption text-muted">
          {query.data && query.data.total > 0 && <Count>{query.data.total}</Count>}
          {t('today.leadsHint')}
        </span>
      }
    >
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && !customers && (
        <Trouble small error={query.error} onRetry={() => void query.refetch()} />
      )}
      {customers?.length === 0 && (
        <Empty small icon={UserRoundPlus} title={t('today.leadsNone')} hint={t('today.leadsNoneHint')} />
      )}
      {customers && customers.length > 0 && (
        <>
          <ul>
            {customers.map((customer) => (
              <li
                key={customer.id}
                className="relative flex items-center gap-3 px-5 py-2.5 transition-colors focus-within:bg-hover hover:bg-hover"
              >
                <Avatar name={customer.name} />
                <div className="min-w-0 grow text-cell">
                  <Link
                    to="/crm/customers/$customerId"
                    params={{ customerId: String(customer.id) }}
                    className="block truncate font-semibold after:absolute after:inset-0"
                  >
                    <bdi>{formatName(customer.name)}</bdi>
                  </Link>
                  <p dir="auto" className="truncate aligned text-caption text-muted">
                    {customer.need || (customer.phone && <PhoneText number={customer.phone} />)}
                  </p>
                </div>
                <time dateTime={customer.created_at} className="tabular shrink-0 text-caption text-muted">
                  {format.when(customer.created_at, now)}
                </time>
              </li>
            ))}
          </ul>
          <div className="p-2">
            <Link to="/crm/customers" className={buttonClass('ghost', 'sm', 'w-full')}>
              {t('today.leadsAll')}
              <ChevronLeft aria-hidden className="size-4 ltr:-scale-x-100" />
            </Link>
          </div>
        </>
      )}
    </Panel>
  );
}
