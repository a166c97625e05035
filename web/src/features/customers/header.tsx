/** The head of a customer's page: who it is, and the acts that matter. */
import {
  Ban,
  BellOff,
  Copy,
  Ellipsis,
  Eraser,
  Merge,
  PhoneOutgoing,
  Trash2,
  Undo2,
  UserRoundX,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { Avatar } from '@/components/ui/avatar';
import { Badge } from '@/components/ui/badge';
import { Button, IconButton } from '@/components/ui/button';
import { Menu, MenuItem, MenuLabel, MenuLine } from '@/components/ui/menu';
import { CopyPhone, PhoneText } from '@/components/ui/text';
import { formatName, phoneDigits } from '@/format/phone';
import { usePermission, useSession } from '@/session/session';
import { type NotCustomerReason, useBlock, useDelete, useNotCustomer, useUpdateCustomer } from './actions';
import { StatusBadge, StatusMenu } from './status';

/** All of them stand in the details. */
const MOST_PHONES = 3;
const REASONS: NotCustomerReason[] = ['supplier', 'wrong_number', 'spam'];

interface HeaderProps {
  customer: Customer;
  onDial: () => void;
  dialing: boolean;
  onMerge: () => void;
  onForget: () => void;
  /** The tabs, at the foot of the card. */
  children: ReactNode;
}

export function CustomerHeader({ customer, onDial, dialing, onMerge, onForget, children }: HeaderProps) {
  const { t } = useTranslation();
  const mayWrite = usePermission('customers:write');
  const mayCall = usePermission('calls:work');
  const update = useUpdateCustomer(customer.id);
  return (
    <header className="rounded-card border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-4 p-5 pb-4 max-md:p-4">
        <Avatar large name={customer.name} />
        <div className="min-w-0 grow basis-0 max-md:basis-40">
          <h1 className="truncate text-heading">
            <bdi>{formatName(customer.name)}</bdi>
          </h1>
          <div className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-cell text-muted">
            {customer.phones.slice(0, MOST_PHONES).map((phone) => (
              <span key={phone} className="inline-flex items-center gap-0.5">
                <PhoneText number={phone} />
                <CopyPhone number={phone} />
              </span>
            ))}
            {mayWrite ? (
              <StatusMenu status={customer.status} onChoose={(status) => update.mutate({ status })} />
            ) : (
              <StatusBadge status={customer.status} />
            )}
            {customer.not_customer && (
              <Badge tone="warn">{t(`customers.reason.${customer.not_customer as NotCustomerReason}`)}</Badge>
            )}
            {customer.blocked && (
              <Badge tone="danger" icon={Ban}>
                {t('customers.blocked')}
              </Badge>
            )}
            {customer.do_not_contact && <Badge tone="danger">{t('customers.doNotContact')}</Badge>}
            {customer.tags.map((tag) => (
              <Badge key={tag}>{tag}</Badge>
            ))}
          </div>
        </div>
        <div className="flex gap-2 max-md:w-full">
          {mayCall && customer.phone && (
            <Button
              look="primary"
              icon={PhoneOutgoing}
              busy={dialing}
              className="max-md:grow"
              onClick={onDial}
            >
              {t('customers.call')}
            </Button>
          )}
          <MoreMenu customer={customer} mayWrite={mayWrite} onMerge={onMerge} onForget={onForget} />
        </div>
      </div>
      {children}
    </header>
  );
}

interface MoreMenuProps extends Pick<HeaderProps, 'customer' | 'onMerge' | 'onForget'> {
  mayWrite: boolean;
}

function MoreMenu({ customer, mayWrite, onMerge, onForget }: MoreMenuProps) {
  const { t } = useTranslation();
  const notCustomer = useNotCustomer(customer);
  const block = useBlock(customer);
  const update = useUpdateCustomer(customer.id);
  const mayMerge = usePermission('customers:merge');
  const { do_not_contact } = customer;
  return (
    <Menu align="end" trigger={<IconButton label={t('common.more')} icon={Ellipsis} look="quiet" />}>
      {customer.phone && (
        <MenuItem
          icon={Copy}
          onSelect={() => void navigator.clipboard?.writeText(phoneDigits(customer.phone ?? ''))}
        >
          {t('customers.copyPhone')}
        </MenuItem>
      )}
      {mayMerge && (
        <MenuItem icon={Merge} onSelect={onMerge}>
          {t('sameCustomer.mergeMenu')}
        </MenuItem>
      )}
      {mayWrite && (
        <MenuItem icon={BellOff} onSelect={() => update.mutate({ do_not_contact: !do_not_contact })}>
          {do_not_contact ? t('sameCustomer.contactAgain') : t('customers.doNotContact')}
        </MenuItem>
      )}
      {mayWrite && (
        <>
          <MenuLine />
          {customer.not_customer ? (
            <MenuItem icon={Undo2} onSelect={() => notCustomer.mutate(null)}>
              {t('customers.isCustomer')}
            </MenuItem>
          ) : (
            <>
              <MenuLabel>{t('customers.notCustomer')}</MenuLabel>
              {REASONS.map((reason) => (
                <MenuItem key={reason} icon={UserRoundX} onSelect={() => notCustomer.mutate(reason)}>
                  {t(`customers.reason.${reason}`)}
                </MenuItem>
              ))}
            </>
          )}
          <MenuLine />
          <MenuItem icon={Ban} danger={!customer.blocked} onSelect={() => block.mutate(!customer.blocked)}>
            {customer.blocked ? t('customers.unblock') : t('customers.block')}
          </MenuItem>
        </>
      )}
      <Removal customer={customer} onForget={onForget} />
    </Menu>
  );
}

/** Deleting can be undone; forgetting can not, and is the owner's to decide. */
function Removal({ customer, onForget }: Pick<HeaderProps, 'customer' | 'onForget'>) {
  const { t } = useTranslation();
  const { user } = useSession();
  const mayDelete = usePermission('customers:delete');
  const mayForget = usePermission('customers:forget') && (user.role === 'owner' || user.role === 'admin');
  const remove = useDelete(customer);
  return (
    <>
      {mayDelete && (
        <MenuItem icon={Trash2} danger onSelect={() => remove.mutate()}>
          {t('sameCustomer.delete')}
        </MenuItem>
      )}
      {mayForget && (
        <MenuItem icon={Eraser} danger onSelect={onForget}>
          {t('sameCustomer.forget.menu')}
        </MenuItem>
      )}
    </>
  );
}
