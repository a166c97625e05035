/** Says when only the basic voice answers, or nothing transcribes, and what to do about it. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { AudioLines } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { usePermission } from '@/session/session';

/** The engines of calls, for whoever may see the settings. */
export function useEngines() {
  return useQuery({ ...enginesQuery, enabled: usePermission('settings:read') });
}

const enginesQuery = queryOptions({
  queryKey: keys.engines,
  staleTime: 60_000,
  queryFn: () => take(api.GET('/api/voice/engines')),
});

export function EngineNotice() {
  const { t } = useTranslation();
  const { data } = useEngines();
  if (!data || (!data.basic_voice_only && data.transcribes)) return null;
  return (
    <aside className="flex gap-3.5 rounded-card border border-warn-line bg-warn-soft px-5 py-4">
      <AudioLines aria-hidden className="mt-0.5 size-5 shrink-0 text-warn-text" strokeWidth={1.9} />
      <div className="max-w-[75ch] text-cell">
        {data.basic_voice_only && (
          <>
            <h2 className="text-body font-bold text-warn-text">{t('today.basicVoiceTitle')}</h2>
            <p className="mt-0.5">{t('today.basicVoice')}</p>
          </>
        )}
        {!data.transcribes && (
          <p className={data.basic_voice_only ? 'mt-2' : ''}>{t('today.noTranscript')}</p>
        )}
      </div>
    </aside>
  );
}
