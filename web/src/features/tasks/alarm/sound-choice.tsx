/** The sound of one's own alarms on this device, with a listen. */
import { Volume2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { useSession } from '@/session/session';
import { play, SOUNDS, type Sound, useAlarmSound } from './sound';

export function AlarmSound() {
  const { t } = useTranslation();
  const { user } = useSession();
  const [sound, setSound] = useAlarmSound(user.id);
  return (
    <div className="flex items-end gap-2 px-5 pb-5">
      <div className="w-56 max-md:grow">
        <SelectField
          label={t('tasks.sound.label')}
          value={sound}
          onChange={(event) => setSound(event.target.value as Sound)}
        >
          {SOUNDS.map((name) => (
            <option key={name} value={name}>
              {t(`tasks.sound.${name}`)}
            </option>
          ))}
        </SelectField>
      </div>
      {sound !== 'off' && (
        <Button icon={Volume2} className="h-10" onClick={() => void play(sound)}>
          {t('tasks.sound.play')}
        </Button>
      )}
    </div>
  );
}
