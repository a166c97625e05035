/** Says what the server lacks for answering calls, what that means, and to whoever runs the business how to give it. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { AudioLines } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Engines } from '@/api/types';
import { usePermission } from '@/session/session';
import { CopyButton } from './ui/copy-text';

/** The engines of calls, for whoever may see the settings. */
export function useEngines() {
  return useQuery({ ...enginesQuery, enabled: usePermission('settings:read') });
}

const enginesQuery = queryOptions({
  queryKey: keys.engines,
  staleTime: 60_000,
  queryFn: () => take(api.GET('/api/voice/engines')),
});

type Lack = 'telephony' | 'conversation' | 'voice' | 'transcript';

const LACKS: Record<Lack, (engines: Engines) => boolean> = {
  telephony: ({ telephony }) => !telephony,
  conversation: ({ converses }) => !converses,
  voice: ({ basic_voice_only }) => basic_voice_only,
  transcript: ({ transcribes }) => !transcribes,
};

/** What hears, thinks and speaks as OpenAI does. */
const SERVICE = ['OPENAI_API_KEY=sk-…'];

/** Lines for the file of the server's settings. */
const SETTINGS: Record<Lack, readonly string[]> = {
  telephony: ['TWILIO_ACCOUNT_SID=AC…', 'TWILIO_AUTH_TOKEN=…'],
  conversation: ['PUBLIC_BASE_URL=https://calls.example.com'],
  voice: SERVICE,
  transcript: SERVICE,
};

/** For the pages on which the agent's part is told, and for those on which the line is connected. */
export const OF_TALKING: readonly Lack[] = ['conversation', 'voice', 'transcript'];
export const OF_THE_LINE: readonly Lack[] = ['telephony', 'conversation'];

export function EngineNotice({ about = OF_TALKING }: { about?: readonly Lack[] }) {
  const { t } = useTranslation();
  const { data } = useEngines();
  const maySet = usePermission('settings:write');
  const lacking = data ? about.filter((lack) => LACKS[lack](data)) : [];
  if (lacking.length === 0) return null;
  return (
    <aside className="flex gap-3.5 rounded-card border border-warn-line bg-warn-soft px-5 py-4">
      <AudioLines aria-hidden className="mt-0.5 size-5 shrink-0 text-warn-text" strokeWidth={1.9} />
      <div className="flex max-w-[75ch] min-w-0 grow flex-col gap-2 text-cell">
        {lacking.map((lack) => (
          <div key={lack}>
            <h2 className="text-body font-bold text-warn-text">{t(`today.lack.${lack}`)}</h2>
            <p>{t(`today.lackMeans.${lack}`)}</p>
          </div>
        ))}
        {maySet && <How lacking={lacking} />}
      </div>
    </aside>
  );
}

function How({ lacking }: { lacking: readonly Lack[] }) {
  const { t } = useTranslation();
  const lines = [...new Set(lacking.flatMap((lack) => SETTINGS[lack]))].join('\n');
  const service = lines.includes('OPENAI');
  return (
    <details className="group">
      <summary className="target w-fit cursor-pointer font-semibold text-accent-text hover:underline">
        {t('today.lackHow.title')}
      </summary>
      <div className="flex flex-col items-start gap-2.5 pt-2">
        <p>{t('today.lackHow.lead')}</p>
        <pre
          dir="ltr"
          className="w-full overflow-x-auto rounded-control border border-warn-line bg-surface px-3.5 py-2.5 font-mono text-caption"
        >
          {lines}
        </pre>
        {lacking.includes('conversation') && <p>{t('today.lackHow.address')}</p>}
        {lacking.includes('telephony') && <p>{t('today.lackHow.account')}</p>}
        {service && <p>{t('today.lackHow.service', { name: 'OpenAI', setting: 'OPENAI_BASE_URL' })}</p>}
        <CopyButton text={lines} label={t('today.lackHow.copy')} />
      </div>
    </details>
  );
}
