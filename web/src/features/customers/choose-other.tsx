/** Who is the same person: those who look alike first, else a search. */
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { CustomerOption } from '@/components/customer-option';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { duplicatesQuery } from './merge';
import { customersQuery } from './queries';

interface ChooseOtherProps {
  open: boolean;
  onClose: () => void;
  customer: Customer;
  onChoose: (other: number) => void;
}

const MOST = 6;

export function ChooseOther({ open, onClose, customer, onChoose }: ChooseOtherProps) {
  const { t } = useTranslation();
  const [q, setQ] = useState('');
  const words = q.trim();
  const alike = useQuery({ ...duplicatesQuery(customer.id), enabled: open });
  const found = useQuery({ ...customersQuery({ q: words, limit: MOST }), enabled: open && words !== '' });
  const shown = (words ? found.data?.results : alike.data?.results)?.filter(({ id }) => id !== customer.id);
  return (
    <Dialog open={open} onClose={onClose} title={t('sameCustomer.chooseTitle', { name: customer.name })}>
      <div className="min-h-72 pb-4">
        <Field
          label={t('sameCustomer.search')}
          type="search"
          autoComplete="off"
          dir={q ? 'auto' : undefined}
          value={q}
          adornment={<Search aria-hidden className="me-2 size-4 text-faint" />}
          onChange={(event) => setQ(event.target.value)}
        />
        {!words && shown && shown.length > 0 && (
          <p className="px-2 pt-3 text-caption font-semibold text-muted">{t('sameCustomer.alike')}</p>
        )}
        <ul className="pt-1">
          {shown?.map((one) => (
            <CustomerOption key={one.id} customer={one} onChoose={() => onChoose(one.id)} />
          ))}
        </ul>
        {words && shown?.length === 0 && (
          <p className="px-2 py-3 text-cell text-muted">{t('common.noneFound')}</p>
        )}
      </div>
    </Dialog>
  );
}
