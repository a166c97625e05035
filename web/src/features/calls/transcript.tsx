/** The words of a finished call. The line that sounds is marked; a click on a line plays from there. */
import { FileAudio, Play, Wrench } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail, Turn } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { Empty } from '@/components/ui/states';
import { Prose } from '@/components/ui/text';
import { Tooltip } from '@/components/ui/tooltip';
import { formatDuration } from '@/format/dates';
import { useFormat } from '@/format/use-format';
import type { Line } from './conversation';

interface TranscriptProps {
  call: CallDetail;
  lines: readonly Line[];
  active: string | null;
  follow: boolean;
  onPlay: ((ms: number) => void) | null;
}

export function Transcript({ call, lines, active, follow, onPlay }: TranscriptProps) {
  const { t } = useTranslation();
  if (lines.length === 0) {
    if (call.transcription) return <Prose className="px-5 pb-5">{call.transcription}</Prose>;
    return (
      <Empty
        small
        icon={FileAudio}
        title={t('calls.transcript.none')}
        {...(call.recordings.length > 0 && { hint: t('calls.transcript.noneHint') })}
      />
    );
  }
  return (
    <ol className="flex flex-col gap-1 px-2 pb-4">
      {lines.map((line) => (
        <Said key={line.key} line={line} active={line.key === active} follow={follow} onPlay={onPlay} />
      ))}
    </ol>
  );
}

interface SaidProps {
  line: Line;
  active: boolean;
  follow: boolean;
  onPlay: ((ms: number) => void) | null;
}

function Said({ line, active, follow, onPlay }: SaidProps) {
  const { t } = useTranslation();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (active && follow) row.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }, [active, follow]);
  const agent = line.speaker === 'agent';
  const playable = onPlay && line.from_ms !== null;
  return (
    <li
      ref={row}
      className={cx(
        'group relative flex gap-3 rounded-control px-3 py-2 transition-colors',
        active && (agent ? 'bg-agent-soft' : 'bg-caller-soft'),
      )}
    >
      <span aria-hidden className={cx('w-[3px] shrink-0 rounded-full', agent ? 'bg-agent' : 'bg-caller')} />
      <div className="min-w-0 grow">
        <div className="flex items-center gap-2 text-caption text-muted">
          <span className="font-semibold text-ink">
            {agent ? t('calls.live.agent') : t('calls.live.caller')}
          </span>
          {line.from_ms !== null && (
            <bdi dir="ltr" className="tabular">
              {formatDuration(line.from_ms / 1000)}
            </bdi>
          )}
          {line.interrupted && <span>· {t('calls.live.interrupted')}</span>}
          <span className="grow" />
          {agent && line.saved && <Took turn={line.saved} />}
          {playable && (
            <Tooltip text={t('calls.transcript.playFrom')}>
              <button
                type="button"
                aria-label={t('calls.transcript.playFrom')}
                className="target grid size-6 place-items-center rounded-full text-faint opacity-0 group-hover:opacity-100 hover:bg-accent hover:text-on-accent focus-visible:opacity-100 [@media(hover:none)]:opacity-100"
                onClick={() => onPlay(line.from_ms ?? 0)}
              >
                <Play aria-hidden className="size-3 fill-current" strokeWidth={0} />
              </button>
            </Tooltip>
          )}
        </div>
        {line.text === null ? (
          <p className="text-muted italic">{t('calls.transcript.audioOnly')}</p>
        ) : (
          <Prose>{line.text}</Prose>
        )}
        {line.saved && <Tools turn={line.saved} />}
      </div>
    </li>
  );
}

function Took({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (turn.t_total_ms == null) return null;
  return (
    <span title={t('calls.live.latencyHint')} className="tabular rounded-full bg-sunken px-2 text-[12px]">
      {format.took(turn.t_total_ms)}
    </span>
  );
}

const TOOLS = new Set([
  'save_contact',
  'create_task',
  'transfer_to_person',
  'end_call',
  'lookup_business_fact',
  'book_appointment',
]);

function Tools({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  if (turn.tools.length === 0) return null;
  return (
    <ul className="mt-1.5 flex flex-col gap-1">
      {turn.tools.map((tool, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the acts of a saved turn do not change
        <li key={at} className="flex items-start gap-2 text-caption text-muted">
          <Wrench aria-hidden className="mt-1 size-3 shrink-0" />
          <span>
            <span className="font-semibold">
              {t(`calls.tool.${(TOOLS.has(tool.name) ? tool.name : 'other') as 'other'}`)}
            </span>
            {tool.summary && (
              <>
                {' · '}
                <bdi>{tool.summary}</bdi>
              </>
            )}
            {!tool.ok && <span className="text-danger-text"> · {t('calls.toolFailed')}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
