/** Choosing whose call it was. */
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import { Avatar } from '@/components/ui/avatar';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { PhoneText } from '@/components/ui/text';
import { useDialog } from '@/components/ui/use-dialog';
import { formatName } from '@/format/phone';
import { useLink } from './actions';

const SUGGESTIONS = 6;

export function LinkDialog({ call }: { call: number }) {
  const { t } = useTranslation();
  const dialog = useDialog('link-call');
  const [q, setQ] = useState('');
  const { link } = useLink(call);
  const filters = { q: q.trim(), limit: SUGGESTIONS };
  const found = useQuery({
    queryKey: keys.customers.list(filters),
    queryFn: () => take(api.GET('/api/crm/customers', { params: { query: asQuery(filters) } })),
    enabled: dialog.open,
  });
  return (
    <Dialog open={dialog.open} onClose={dialog.hide} title={t('calls.about.linkTitle')}>
      <Field
        label={t('calls.about.linkSearch')}
        labelHidden
        type="search"
        dir={q ? 'auto' : undefined}
        placeholder={t('calls.about.linkSearch')}
        value={q}
        adornment={<Search aria-hidden className="me-2 size-4 text-faint" />}
        onChange={(event) => setQ(event.target.value)}
      />
      <ul className="mt-3 mb-4 min-h-48">
        {found.data?.results.map((customer) => (
          <li key={customer.id}>
            <button
              type="button"
              className="flex min-h-12 w-full items-center gap-3 rounded-control px-2 text-start hover:bg-hover"
              onClick={() => {
                link.mutate({ customer: customer.id, name: customer.name });
                dialog.hide();
              }}
            >
              <Avatar name={customer.name} />
              <bdi className="aligned min-w-0 grow truncate font-semibold">{formatName(customer.name)}</bdi>
              {customer.phone && <PhoneText number={customer.phone} className="text-caption text-muted" />}
            </button>
          </li>
        ))}
        {found.data?.results.length === 0 && (
          <li className="py-8 text-center text-muted">{t('common.noneFound')}</li>
        )}
      </ul>
    </Dialog>
  );
}
