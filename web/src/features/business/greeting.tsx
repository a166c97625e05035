/** The greeting that callers hear while the business has none of its own. */
import { Play, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';

const CLIP = '/static/tts/greeting_he.mp3';

export function DefaultGreeting() {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState(false);
  useEffect(() => () => audio.current?.pause(), []);
  const toggle = () => {
    if (playing) {
      audio.current?.pause();
      return setPlaying(false);
    }
    const clip = new Audio(CLIP);
    clip.onended = () => setPlaying(false);
    audio.current = clip;
    clip.play().then(
      () => setPlaying(true),
      () => setPlaying(false),
    );
  };
  return (
    <Button className="self-start" icon={playing ? Square : Play} onClick={toggle}>
      {playing ? t('business.calls.stopDefault') : t('business.calls.playDefault')}
    </Button>
  );
}
