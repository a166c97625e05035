/** Who is rung when a caller asks for a person. */
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Menu, MenuItem } from '@/components/ui/menu';
import { Select } from '@/components/ui/select';
import { PhoneText } from '@/components/ui/text';
import { formatPhone } from '@/format/phone';
import { fieldText } from '@/i18n/problem-text';
import { usePeople } from '@/session/people';
import { useSaveSettings } from '@/session/settings';

const OTHER = 'other';

function isPhone(target: string): boolean {
  return target.startsWith('+');
}

export function Transfer({ settings }: { settings: Settings }) {
  return (
    <>
      <Target target={settings.transfer_to ?? ''} />
      <Order order={settings.call_out_order} />
    </>
  );
}

function Target({ target }: { target: string }) {
  const { t } = useTranslation();
  const { people } = usePeople();
  const save = useSaveSettings();
  const [other, setOther] = useState<string | null>(null);
  const byPhone = other !== null || isPhone(target);
  const choose = (chosen: string) => {
    setOther(chosen === OTHER ? '' : null);
    if (chosen !== OTHER) save.mutate({ change: { transfer_to: chosen || null } });
  };
  const phone = other ?? (isPhone(target) ? formatPhone(target) : '');
  const keep = () => {
    if (other === null || !other.trim()) return;
    save.mutate({ change: { transfer_to: other.trim() } }, { onSuccess: () => setOther(null) });
  };
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2">
      <Select
        label={t('business.calls.transferTo')}
        hint={t('business.calls.transferToHint')}
        value={byPhone ? OTHER : target}
        options={[
          { value: '', label: t('business.calls.nobody') },
          ...people
            .filter(({ phone }) => phone)
            .map((user) => ({ value: String(user.id), label: user.name })),
          { value: OTHER, label: t('business.calls.otherNumber') },
        ]}
        onChoose={choose}
      />
      {byPhone && (
        <Field
          label={t('business.calls.transferPhone')}
          type="tel"
          dir="ltr"
          autoComplete="off"
          value={phone}
          error={fieldText(t, save.error, 'transfer_to')}
          onChange={(event) => setOther(event.target.value)}
          onBlur={keep}
        />
      )}
    </div>
  );
}

function Order({ order }: { order: readonly number[] }) {
  const { t } = useTranslation();
  const { people } = usePeople();
  const save = useSaveSettings();
  const keep = (call_out_order: number[]) => save.mutate({ change: { call_out_order } });
  const known = order.flatMap((id) => people.find((user) => user.id === id) ?? []);
  const further = people.filter((user) => !order.includes(user.id));
  const moved = (at: number, by: number) => {
    const next = [...order];
    const [id] = next.splice(at, 1);
    if (id !== undefined) next.splice(at + by, 0, id);
    keep(next);
  };
  return (
    <div className="flex flex-col gap-2">
      <h3 className="text-cell font-semibold">{t('business.calls.order')}</h3>
      <p className="text-caption text-muted">
        {known.length > 0 ? t('business.calls.orderHint') : t('business.calls.orderEmpty')}
      </p>
      <ol className="flex flex-col divide-y divide-line">
        {known.map((user, at) => (
          <li key={user.id} className="flex items-center gap-2 py-1">
            <span className="tabular w-6 text-cell text-muted">{at + 1}</span>
            <span className="min-w-0 grow">
              <bdi className="aligned block truncate text-cell font-semibold">{user.name}</bdi>
              <span className="block text-caption text-muted">
                {user.phone ? <PhoneText number={user.phone} /> : t('business.calls.noPhone')}
              </span>
            </span>
            <IconButton
              size="sm"
              label={t('business.calls.up', { name: user.name })}
              icon={ArrowUp}
              disabled={at === 0}
              onClick={() => moved(at, -1)}
            />
            <IconButton
              size="sm"
              label={t('business.calls.down', { name: user.name })}
              icon={ArrowDown}
              disabled={at === known.length - 1}
              onClick={() => moved(at, 1)}
            />
            <IconButton
              size="sm"
              label={t('business.calls.takeOut', { name: user.name })}
              icon={X}
              onClick={() => keep(order.filter((id) => id !== user.id))}
            />
          </li>
        ))}
      </ol>
      {further.length > 0 && (
        <Menu
          trigger={
            <Button size="sm" icon={Plus} className="self-start">
              {t('business.calls.addPerson')}
            </Button>
          }
        >
          {further.map((user) => (
            <MenuItem
              key={user.id}
              hint={user.phone ? <PhoneText number={user.phone} /> : t('business.calls.noPhone')}
              onSelect={() => keep([...order, user.id])}
            >
              <bdi>{user.name}</bdi>
            </MenuItem>
          ))}
        </Menu>
      )}
    </div>
  );
}
