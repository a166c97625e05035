/** Choosing whose call it was. */
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import { CustomerOption } from '@/components/customer-option';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { useDialog } from '@/components/ui/use-dialog';
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
          <CustomerOption
            key={customer.id}
            customer={customer}
            onChoose={() => {
              link.mutate({ customer: customer.id, name: customer.name });
              dialog.hide();
            }}
          />
        ))}
        {found.data?.results.length === 0 && (
          <li className="py-8 text-center text-muted">{t('common.noneFound')}</li>
        )}
      </ul>
    </Dialog>
  );
}
