import { Copy, Plus, X } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { IconButton } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { cx } from '@/components/ui/cx';
import { Menu, MenuItem, MenuLabel, MenuLine } from '@/components/ui/menu';
import { Switch } from '@/components/ui/switch';
import { TimeField } from '@/components/ui/time-field';
import { useSaveSettings } from '@/session/settings';
import { SaveBar } from './save-bar';
import { another, DAYS, type Day, faultOf, hoursOf, isSame, type Span, type Week, weekOf } from './week';

const MOST_RANGES = 4;
const WORKING: readonly Day[] = ['sun', 'mon', 'tue', 'wed', 'thu'];

export function Hours({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [draft, setDraft] = useState<Week | null>(null);
  const kept = weekOf(settings.hours);
  const week = draft ?? kept;
  const faulty = DAYS.some((day) => faultOf(week[day]));
  const set = (days: readonly Day[], spans: readonly Span[]) =>
    setDraft({ ...week, ...Object.fromEntries(days.map((day) => [day, spans])) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!faulty) save.mutate({ change: { hours: hoursOf(week) } }, { onSuccess: () => setDraft(null) });
  };
  return (
    <Card title={t('business.hours.title')} lead={t('business.hours.lead')}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        <div className="flex flex-col divide-y divide-line">
          {DAYS.map((day) => (
            <DayRow
              key={day}
              day={day}
              spans={week[day]}
              onChange={(spans) => set([day], spans)}
              onCopy={(days) => set(days, week[day])}
              warning={day === 'sat' && settings.shabbat.observe !== false && week.sat.length > 0}
            />
          ))}
        </div>
        <SaveBar
          dirty={draft !== null && !isSame(draft, kept)}
          busy={save.isPending}
          disabled={faulty}
          label={t('business.hours.save')}
          onDiscard={() => setDraft(null)}
        />
      </form>
    </Card>
  );
}

interface DayRowProps {
  day: Day;
  spans: readonly Span[];
  onChange: (spans: readonly Span[]) => void;
  onCopy: (days: readonly Day[]) => void;
  warning: boolean;
}

function DayRow({ day, spans, onChange, onCopy, warning }: DayRowProps) {
  const { t } = useTranslation();
  const note = useId();
  const name = t(`business.hours.day.${day}`);
  const fault = faultOf(spans);
  const open = spans.length > 0;
  const change = (at: number, span: Span) => onChange(spans.map((old, index) => (index === at ? span : old)));
  return (
    <fieldset aria-label={name} className="flex min-w-0 flex-wrap items-start gap-x-4 py-1.5">
      <div className="w-36 max-sm:w-full">
        <Switch
          checked={open}
          onChange={(on) => onChange(on ? [another([])] : [])}
          label={
            <>
              {name}
              {!open && <span className="ms-2 font-normal text-muted">{t('business.hours.closed')}</span>}
            </>
          }
        />
      </div>
      {open && (
        <div className="flex min-w-0 grow flex-col gap-2 py-1.5">
          {spans.map((span, at) => (
            <Range
              // biome-ignore lint/suspicious/noArrayIndexKey: a range is known by its place in the day
              key={at}
              day={name}
              n={at + 1}
              span={span}
              fault={fault ? note : undefined}
              onChange={(next) => change(at, next)}
              {...(spans.length > 1 && {
                onRemove: () => onChange(spans.filter((_, index) => index !== at)),
              })}
            />
          ))}
          {fault && (
            <p id={note} role="alert" className="text-caption text-danger-text">
              {t(`business.hours.fault.${fault}`)}
            </p>
          )}
        </div>
      )}
      <div className={cx('ms-auto flex gap-1 py-1', !open && 'max-sm:hidden')}>
        {open && spans.length < MOST_RANGES && (
          <IconButton
            label={t('business.hours.addRange', { day: name })}
            icon={Plus}
            onClick={() => onChange([...spans, another(spans)])}
          />
        )}
        <CopyMenu day={day} name={name} onCopy={onCopy} />
      </div>
      {warning && (
        <p
          role="status"
          className="mb-2 w-full rounded-control bg-warn-soft px-3.5 py-2.5 text-cell text-warn-text"
        >
          {t('business.hours.saturday')}
        </p>
      )}
    </fieldset>
  );
}

interface RangeProps {
  day: string;
  n: number;
  span: Span;
  fault: string | undefined;
  onChange: (span: Span) => void;
  onRemove?: () => void;
}

function Range({ day, n, span: [from, to], fault, onChange, onRemove }: RangeProps) {
  const { t } = useTranslation();
  const shared = { invalid: fault !== undefined, describedBy: fault };
  return (
    <div className="flex items-center gap-2">
      <TimeField
        {...shared}
        label={t('business.hours.from', { day, n })}
        value={from}
        onChange={(value) => onChange([value, to])}
      />
      <span aria-hidden className="text-muted">
        –
      </span>
      <TimeField
        {...shared}
        label={t('business.hours.to', { day, n })}
        value={to}
        onChange={(value) => onChange([from, value])}
      />
      {onRemove && (
        <IconButton
          size="sm"
          label={t('business.hours.removeRange', { day, n })}
          icon={X}
          onClick={onRemove}
        />
      )}
    </div>
  );
}

function CopyMenu({ day, name, onCopy }: { day: Day; name: string; onCopy: (days: readonly Day[]) => void }) {
  const { t } = useTranslation();
  return (
    <Menu align="end" trigger={<IconButton label={t('business.hours.copy', { day: name })} icon={Copy} />}>
      <MenuLabel>{t('business.hours.copyTo')}</MenuLabel>
      <MenuItem onSelect={() => onCopy(WORKING)}>{t('business.hours.copyWeek')}</MenuItem>
      <MenuItem onSelect={() => onCopy(DAYS)}>{t('business.hours.copyAll')}</MenuItem>
      <MenuLine />
      {DAYS.filter((other) => other !== day).map((other) => (
        <MenuItem key={other} onSelect={() => onCopy([other])}>
          {t(`business.hours.day.${other}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
