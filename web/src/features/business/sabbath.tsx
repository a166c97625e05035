import { useTranslation } from 'react-i18next';
import type { Sabbath as SabbathSettings, Settings } from '@/api/types';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { useSaveSettings } from '@/session/settings';
import { SavedNumber } from './saved-text';
import { SavedTime } from './saved-time';

const MODES = ['agent', 'message', 'closed'] as const;
const FIXED = { starts: '16:00', ends: '20:00' };
const CITIES = [
  'jerusalem',
  'tel_aviv',
  'haifa',
  'beer_sheva',
  'eilat',
  'ashdod',
  'ashkelon',
  'netanya',
  'tiberias',
  'safed',
  'kiryat_shmona',
  'nahariya',
  'karmiel',
  'nazareth',
  'afula',
  'hadera',
  'herzliya',
  'kfar_saba',
  'petah_tikva',
  'bnei_brak',
  'ramat_gan',
  'holon',
  'rishon_lezion',
  'rehovot',
  'modiin',
  'beit_shemesh',
  'ariel',
  'dimona',
] as const;

export function Sabbath({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const { shabbat } = settings;
  const observes = shabbat.observe !== false;
  const change = (part: Partial<SabbathSettings>) =>
    save.mutate({ change: { shabbat: { ...shabbat, ...part } } });
  return (
    <Card title={t('business.sabbath.title')}>
      <Switch
        checked={observes}
        onChange={(observe) => change({ observe })}
        label={t('business.sabbath.observe')}
        hint={t('business.sabbath.observeHint')}
      />
      {observes && (
        <>
          <Choices
            columns
            legend={t('business.sabbath.by')}
            value={shabbat.fixed ? 'clock' : 'sun'}
            options={[
              { value: 'sun', label: t('business.sabbath.bySun') },
              { value: 'clock', label: t('business.sabbath.byClock') },
            ]}
            onChoose={(by) => change({ fixed: by === 'clock' ? FIXED : null })}
          />
          {shabbat.fixed ? (
            <Fixed fixed={shabbat.fixed} onChange={change} />
          ) : (
            <Sun shabbat={shabbat} onChange={change} />
          )}
          <Choices
            legend={t('business.sabbath.mode')}
            value={settings.shabbat_mode as (typeof MODES)[number]}
            options={MODES.map((value) => ({ value, label: t(`business.sabbath.modes.${value}`) }))}
            onChoose={(shabbat_mode) => save.mutate({ change: { shabbat_mode } })}
          />
        </>
      )}
    </Card>
  );
}

type Change = (part: Partial<SabbathSettings>) => void;

function Sun({ shabbat, onChange }: { shabbat: SabbathSettings; onChange: Change }) {
  const { t } = useTranslation();
  const shared = { range: [0, 180] as const, wrong: t('business.sabbath.range') };
  return (
    <div className="grid items-start gap-5 sm:grid-cols-3">
      <Select
        label={t('business.sabbath.city')}
        value={(shabbat.city ?? 'jerusalem') as (typeof CITIES)[number]}
        options={CITIES.map((value) => ({ value, label: t(`business.city.${value}`) }))}
        onChoose={(city) => onChange({ city })}
      />
      <SavedNumber
        {...shared}
        label={t('business.sabbath.before')}
        value={shabbat.start_minutes_before_sunset ?? 40}
        onSave={(start_minutes_before_sunset) => onChange({ start_minutes_before_sunset })}
      />
      <SavedNumber
        {...shared}
        label={t('business.sabbath.after')}
        value={shabbat.end_minutes_after_sunset ?? 50}
        onSave={(end_minutes_after_sunset) => onChange({ end_minutes_after_sunset })}
      />
    </div>
  );
}

function Fixed({ fixed, onChange }: { fixed: NonNullable<SabbathSettings['fixed']>; onChange: Change }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-wrap gap-x-10 gap-y-4">
      <SavedTime
        label={t('business.sabbath.starts')}
        value={fixed.starts}
        onSave={(starts) => onChange({ fixed: { ...fixed, starts } })}
      />
      <SavedTime
        label={t('business.sabbath.ends')}
        value={fixed.ends}
        onSave={(ends) => onChange({ fixed: { ...fixed, ends } })}
      />
    </div>
  );
}
