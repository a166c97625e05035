/** Two records of one person side by side: where they differ, one chooses; nothing else is lost. */
import { useQuery } from '@tanstack/react-query';
import { ArrowLeftRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer, CustomerPatch } from '@/api/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Dialog } from '@/components/ui/dialog';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { formatName, formatPhone } from '@/format/phone';
import { usePeople } from '@/session/people';
import { useMerge } from './merge';
import { useStatuses } from './own';
import { customerQuery } from './queries';

interface MergeDialogProps {
  open: boolean;
  onClose: () => void;
  /** The one that stays, unless they are exchanged. */
  kept: number;
  other: number;
  onMerged: (kept: number) => void;
}

export function MergeDialog({ open, onClose, kept, other, onMerged }: MergeDialogProps) {
  const { t } = useTranslation();
  const [swapped, setSwapped] = useState(false);
  const [stays, goes] = swapped ? [other, kept] : [kept, other];
  const first = useQuery({ ...customerQuery(stays), enabled: open });
  const second = useQuery({ ...customerQuery(goes), enabled: open });
  const [theirs, setTheirs] = useState<readonly Choice[]>([]);
  const merge = useMerge();
  const both = first.data && second.data ? { a: first.data.body, b: second.data.body } : null;
  const failed = first.error ?? second.error;
  const submit = () => {
    if (!both) return;
    const taken = takenFrom(both.a, both.b, theirs);
    merge.mutate({ kept: both.a, other: both.b, taken }, { onSuccess: () => onMerged(stays) });
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('sameCustomer.title')}
      lead={t('sameCustomer.lead')}
      actions={
        <>
          <Button look="primary" busy={merge.isPending} disabled={!both} onClick={submit}>
            {t('sameCustomer.merge')}
          </Button>
          <Button
            icon={ArrowLeftRight}
            onClick={() => {
              setSwapped(!swapped);
              setTheirs([]);
            }}
          >
            {t('sameCustomer.swap')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      {both && <SideBySide {...both} theirs={theirs} onChoose={setTheirs} />}
      {!both && (failed ? <Trouble small error={failed} /> : <SkeletonRows rows={4} />)}
      <Refusal error={merge.error} />
    </Dialog>
  );
}

/** Fields of which a record has one. */
const CHOICES = [
  'name',
  'phone',
  'email',
  'company',
  'tax_id',
  'address',
  'status',
  'owner_id',
  'notes',
] as const;
type Choice = (typeof CHOICES)[number];

/** What to write after the merge, so that the kept record says what was chosen. */
function takenFrom(a: Customer, b: Customer, theirs: readonly Choice[]): CustomerPatch {
  const taken: CustomerPatch = {};
  for (const field of theirs) {
    if (field === 'phone') taken.phones = [...new Set([...b.phones, ...a.phones])];
    else if (field === 'email') taken.emails = [...new Set([...b.emails, ...a.emails])];
    else Object.assign(taken, { [field]: b[field] });
  }
  return taken;
}

interface SideProps {
  a: Customer;
  b: Customer;
  theirs: readonly Choice[];
  onChoose: (theirs: readonly Choice[]) => void;
}

function SideBySide({ a, b, theirs, onChoose }: SideProps) {
  const { t } = useTranslation();
  const read = useRead();
  const label = useLabels();
  const differing = CHOICES.filter((field) => a[field] && b[field] && a[field] !== b[field]);
  const united = a.phones.length + b.phones.length > 0 || a.tags.length + b.tags.length > 0;
  return (
    <div className="flex flex-col gap-4 pb-3">
      <div className="grid grid-cols-2 gap-2 text-caption">
        <p className="rounded-control bg-accent-soft px-3 py-2 text-accent-text">
          {t('sameCustomer.stays')}
          <bdi className="aligned block truncate text-cell font-bold">{formatName(a.name)}</bdi>
        </p>
        <p className="rounded-control bg-sunken px-3 py-2 text-muted">
          {t('sameCustomer.goes')}
          <bdi className="aligned block truncate text-cell font-bold">{formatName(b.name)}</bdi>
        </p>
      </div>
      {differing.map((field) => (
        <fieldset key={field}>
          <legend className="mb-1 text-caption font-semibold text-muted">{label(field)}</legend>
          <div className="grid grid-cols-2 gap-2">
            {[a, b].map((customer, at) => (
              <Side
                key={customer.id}
                name={`merge-${field}`}
                checked={theirs.includes(field) === (at === 1)}
                onChoose={() =>
                  onChoose(at === 1 ? [...theirs, field] : theirs.filter((one) => one !== field))
                }
              >
                <span className={field === 'status' ? 'inline-block first-letter:uppercase' : undefined}>
                  {read(field, customer[field])}
                </span>
              </Side>
            ))}
          </div>
        </fieldset>
      ))}
      {differing.length === 0 && <p className="text-cell text-muted">{t('sameCustomer.nothingDiffers')}</p>}
      {united && <p className="text-cell text-muted">{t('sameCustomer.united')}</p>}
    </div>
  );
}

interface OneSideProps {
  name: string;
  checked: boolean;
  onChoose: () => void;
  children: ReactNode;
}

function Side({ name, checked, onChoose, children }: OneSideProps) {
  return (
    <label
      className={cx(
        'flex min-h-11 cursor-pointer items-start gap-2.5 rounded-control border px-3 py-2 text-cell transition-colors hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-accent',
        checked ? 'border-accent bg-accent-soft' : 'border-line',
      )}
    >
      <input
        type="radio"
        name={name}
        checked={checked}
        onChange={onChoose}
        className="mt-1 size-4 shrink-0 accent-accent outline-none"
      />
      <bdi className="aligned line-clamp-4 min-w-0 break-words">{children}</bdi>
    </label>
  );
}

function useRead(): (field: Choice, value: unknown) => string {
  const status = useStatuses();
  const people = usePeople();
  return (field, value) => {
    if (field === 'status') return status.name(String(value));
    if (field === 'owner_id') return people.name(Number(value)) ?? String(value);
    if (field === 'phone') return formatPhone(String(value));
    return field === 'name' ? formatName(String(value)) : String(value);
  };
}

function useLabels(): (field: Choice) => string {
  const { t } = useTranslation();
  const names = {
    name: t('customers.name'),
    phone: t('sameCustomer.firstPhone'),
    email: t('sameCustomer.firstEmail'),
    company: t('customers.company'),
    tax_id: t('customers.taxId'),
    address: t('customers.address'),
    status: t('customers.statusColumn'),
    owner_id: t('customers.owner'),
    notes: t('customers.notes'),
  };
  return (field) => names[field];
}
