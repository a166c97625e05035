/** Hearing a greeting as callers will: the business's own words, or the usual greeting while there are none. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Play, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { useEngines } from '@/components/engine-notice';
import { Button } from '@/components/ui/button';
import { Refusal } from '@/components/ui/states';

const USUAL = '/static/tts/greeting_he.mp3';

interface PlayGreetingProps {
  text: string;
  gender: string;
}

export function PlayGreeting({ text, gender }: PlayGreetingProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const audio = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState(false);
  const basic = useEngines().data?.basic_voice_only;
  const stop = () => {
    audio.current?.pause();
    setPlaying(false);
  };
  useEffect(() => () => audio.current?.pause(), []);
  const play = useMutation({
    mutationFn: async () => {
      const url = text.trim() ? URL.createObjectURL(await spoken(text.trim(), gender)) : USUAL;
      const clip = new Audio(url);
      clip.onended = () => setPlaying(false);
      audio.current = clip;
      await clip.play();
    },
    onSuccess: () => setPlaying(true),
    // A voice that failed now is left out from now on.
    onSettled: () => client.invalidateQueries({ queryKey: keys.engines }),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <Button
        icon={playing ? Square : Play}
        busy={play.isPending}
        onClick={() => (playing ? stop() : play.mutate())}
      >
        {playing
          ? t('business.calls.stop')
          : t(text.trim() ? 'business.calls.play' : 'business.calls.playUsual')}
      </Button>
      {basic && text.trim() && <p className="text-cell text-muted">{t('business.calls.basicVoice')}</p>}
      <Refusal error={play.error} />
    </div>
  );
}

function spoken(text: string, gender: string): Promise<Blob> {
  const body = { text, agent_gender: gender };
  return take(api.POST('/api/voice/preview', { body, parseAs: 'blob' }));
}
