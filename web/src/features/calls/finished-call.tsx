/** A call that is over: the recording, and the words that follow it. */
import { AudioLines } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail } from '@/api/types';
import { Panel } from '@/components/ui/panel';
import { Empty } from '@/components/ui/states';
import { lineAt, linesOf } from './conversation';
import { Player, type PlayerControl } from './player';
import { Transcript } from './transcript';

export function FinishedCall({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const player = useRef<PlayerControl>(null);
  const [active, setActive] = useState<string | null>(null);
  const [follow, setFollow] = useState(false);
  const lines = useMemo(() => linesOf(call.turns), [call.turns]);
  const recording = call.recordings.find((one) => one.url);
  const coming = call.recordings.some((one) => one.state === 'pending');
  return (
    <>
      <Panel title={t('calls.player.title')}>
        {recording?.url ? (
          <Player
            url={recording.url}
            duration_ms={recording.duration_ms ?? null}
            control={player}
            onTime={(ms, playing) => {
              setActive(lineAt(lines, ms)?.key ?? null);
              setFollow(playing);
            }}
          />
        ) : (
          <Empty
            small
            icon={AudioLines}
            title={coming ? t('calls.player.coming') : t('calls.player.none')}
            hint={coming ? t('calls.player.comingHint') : t('calls.player.noneHint')}
          />
        )}
      </Panel>
      <Panel title={t('calls.transcript.title')}>
        <Transcript
          call={call}
          lines={lines}
          active={active}
          follow={follow}
          onPlay={recording ? (ms) => player.current?.playFrom(ms) : null}
        />
      </Panel>
    </>
  );
}
