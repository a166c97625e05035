import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { Switch } from '@/components/ui/switch';
import { useSaveSettings } from '@/session/settings';

const VISIBILITIES = ['all', 'own_and_unassigned'] as const;

export function Access({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  return (
    <Card title={t('business.section.access')}>
      <Choices
        legend={t('business.access.visibility')}
        value={settings.agent_visibility as (typeof VISIBILITIES)[number]}
        options={VISIBILITIES.map((value) => ({
          value,
          label: t(`business.access.${value}`),
          hint: t(`business.access.${value}Hint`),
        }))}
        onChoose={(agent_visibility) => save.mutate({ change: { agent_visibility } })}
      />
      <Switch
        checked={settings.agents_see_money}
        onChange={(agents_see_money) => save.mutate({ change: { agents_see_money } })}
        label={t('business.access.money')}
        hint={t('business.access.moneyHint')}
      />
    </Card>
  );
}
