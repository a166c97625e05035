import { CalendarPlus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings, SpecialDay } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { Empty } from '@/components/ui/states';
import { formatIsoDay } from '@/format/dates';
import { useSaveSettings } from '@/session/settings';
import { SavedTime } from './saved-time';

const RULES = ['open', 'half', 'closed'] as const;
type Rule = (typeof RULES)[number];

/** What the calendar itself says of each holiday, in the order of the Hebrew year. */
const HOLIDAYS = {
  erev_rosh_hashana: 'half',
  rosh_hashana: 'closed',
  erev_yom_kippur: 'half',
  yom_kippur: 'closed',
  erev_sukkot: 'half',
  sukkot: 'closed',
  hol_hamoed_sukkot: 'half',
  hoshana_raba: 'half',
  simchat_tora: 'closed',
  hanukkah: 'open',
  tu_bishvat: 'open',
  purim: 'open',
  shushan_purim: 'open',
  erev_pesach: 'half',
  pesach: 'closed',
  hol_hamoed_pesach: 'half',
  erev_pesach_seventh: 'half',
  pesach_seventh: 'closed',
  yom_hashoah: 'open',
  yom_hazikaron: 'half',
  yom_haatzmaut: 'closed',
  lag_baomer: 'open',
  yom_yerushalayim: 'open',
  erev_shavuot: 'half',
  shavuot: 'closed',
  tisha_bav: 'open',
} as const satisfies Record<string, Rule>;
type Holiday = keyof typeof HOLIDAYS;

function useRules() {
  const { t } = useTranslation();
  return RULES.map((value) => ({ value, label: t(`business.days.${value}`) }));
}

/** A date alone is closed. */
function daysOf(settings: Settings): SpecialDay[] {
  return settings.holidays
    .map((day) => (typeof day === 'string' ? { date: day, rule: 'closed' } : day))
    .sort((one, other) => one.date.localeCompare(other.date));
}

export function SpecialDays({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const rules = useRules();
  const save = useSaveSettings();
  const days = daysOf(settings);
  const keep = (holidays: SpecialDay[]) => save.mutate({ change: { holidays } });
  return (
    <Card title={t('business.days.title')} lead={t('business.days.lead')}>
      {days.length === 0 ? (
        <Empty small icon={CalendarPlus} title={t('business.days.none')} hint={t('business.days.noneHint')} />
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {days.map((day) => (
            <li key={day.date} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
              <bdi dir="ltr" className="tabular text-cell font-semibold">
                {formatIsoDay(day.date)}
              </bdi>
              <bdi className="min-w-24 grow truncate text-cell text-muted">{day.name}</bdi>
              <div className="w-36">
                <Select
                  small
                  labelHidden
                  label={t('business.days.ruleOf', { name: formatIsoDay(day.date) })}
                  value={(day.rule ?? 'closed') as Rule}
                  options={rules}
                  onChoose={(rule) => keep(days.map((other) => (other === day ? { ...day, rule } : other)))}
                />
              </div>
              <IconButton
                label={t('business.days.remove', { date: formatIsoDay(day.date) })}
                icon={Trash2}
                onClick={() => keep(days.filter((other) => other !== day))}
              />
            </li>
          ))}
        </ul>
      )}
      <AddDay days={days} onAdd={(day) => keep([...days, day])} />
      <Calendar settings={settings} />
    </Card>
  );
}

function AddDay({ days, onAdd }: { days: readonly SpecialDay[]; onAdd: (day: SpecialDay) => void }) {
  const { t } = useTranslation();
  const rules = useRules();
  const [date, setDate] = useState('');
  const [name, setName] = useState('');
  const [rule, setRule] = useState<Rule>('closed');
  const twice = days.some((day) => day.date === date);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!date || twice) return;
    onAdd({ date, rule, ...(name.trim() && { name: name.trim() }) });
    setDate('');
    setName('');
  };
  return (
    <form
      onSubmit={submit}
      className="grid items-start gap-3 rounded-control bg-sunken p-4 sm:grid-cols-[10rem_minmax(0,1fr)_9rem_auto]"
    >
      <Field
        label={t('business.days.date')}
        type="date"
        required
        value={date}
        error={twice ? t('business.days.twice') : undefined}
        onChange={(event) => setDate(event.target.value)}
      />
      <Field
        label={t('business.days.name')}
        autoComplete="off"
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Select label={t('business.days.rule')} value={rule} options={rules} onChoose={setRule} />
      <Button type="submit" icon={CalendarPlus} className="sm:mt-7 sm:h-10!">
        {t('business.days.add')}
      </Button>
    </form>
  );
}

/** The holidays that the system knows, and where the business differs. */
function Calendar({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const rules = useRules();
  const save = useSaveSettings();
  const own = settings.holiday_rules;
  const changed = Object.keys(own).length;
  const set = (holiday: Holiday, rule: Rule) => {
    const { [holiday]: _, ...others } = own;
    const next = rule === HOLIDAYS[holiday] ? others : { ...others, [holiday]: rule };
    save.mutate({ change: { holiday_rules: next } });
  };
  return (
    <>
      <SavedTime
        label={t('business.days.halfEnds')}
        value={settings.half_day_ends}
        onSave={(half_day_ends) => save.mutate({ change: { half_day_ends } })}
      />
      <details className="group rounded-control border border-line">
        <summary className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 px-4 py-2.5 text-cell font-semibold">
          {t('business.days.calendar')}
          {changed > 0 && (
            <span className="font-normal text-muted">{t('business.days.changed', { count: changed })}</span>
          )}
          <span className="w-full font-normal text-muted">{t('business.days.calendarLead')}</span>
        </summary>
        <ul className="grid gap-x-8 border-t border-line px-4 py-2 lg:grid-cols-2">
          {(Object.keys(HOLIDAYS) as Holiday[]).map((holiday) => (
            <li key={holiday} className="flex items-center justify-between gap-4 py-1 text-cell">
              <span>{t(`business.holiday.${holiday}`)}</span>
              <div className="w-36 shrink-0">
                <Select
                  small
                  labelHidden
                  label={t('business.days.ruleOf', { name: t(`business.holiday.${holiday}`) })}
                  value={(own[holiday] as Rule | undefined) ?? HOLIDAYS[holiday]}
                  options={rules}
                  onChoose={(rule) => set(holiday, rule)}
                />
              </div>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
