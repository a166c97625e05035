/** A customer's deals. */
import { Handshake, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Empty } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { usePermission } from '@/session/session';
import { NewDeal, OpenDeal } from './deal-dialog';
import { DealsTable } from './deals-table';

export function CustomerDealsTab({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('deals:write');
  const [page, setPage] = useState(1);
  const [opened, setOpened] = useState<number | null>(null);
  const making = useDialog('new-deal');
  const open = useDialog('deal');
  const add = mayWrite && (
    <Button look="primary" icon={Plus} onClick={making.show}>
      {t('deals.add')}
    </Button>
  );
  return (
    <>
      <DealsTable
        ofOne
        id="customer-deals"
        filters={{ customer_id: customer.id, page }}
        onPage={setPage}
        onOpen={({ id }) => {
          setOpened(id);
          open.show();
        }}
        toolbar={add}
        empty={
          <Empty icon={Handshake} title={t('deals.noneOfCustomer')} hint={t('deals.noneOfCustomerHint')} />
        }
      />
      <NewDeal open={making.open} onClose={making.hide} customer={{ id: customer.id, name: customer.name }} />
      <OpenDeal id={open.open ? opened : null} onClose={open.hide} />
    </>
  );
}
