/** The words of a finished call. The line that sounds is marked; a click on a line plays from there. */
import {
  CalendarCheck,
  FileAudio,
  Headset,
  type LucideIcon,
  Play,
  SquareCheck,
  UserRoundPen,
} from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail, Turn } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { Empty } from '@/components/ui/states';
import { Prose } from '@/components/ui/text';
import { Tooltip } from '@/components/ui/tooltip';
import { formatDuration } from '@/format/dates';
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

/** What the agent did that stays; what it looked up or how it hung up is its own business, unless it failed. */
const TOLD: Record<
  string,
  { key: 'save_contact' | 'create_task' | 'transfer_to_person' | 'book_appointment'; icon: LucideIcon }
> = {
  save_contact: { key: 'save_contact', icon: UserRoundPen },
  create_task: { key: 'create_task', icon: SquareCheck },
  transfer_to_person: { key: 'transfer_to_person', icon: Headset },
  book_appointment: { key: 'book_appointment', icon: CalendarCheck },
};

function Tools({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  const acts = turn.tools.flatMap((tool) => {
    const told = TOLD[tool.name];
    return told ? [{ ...told, summary: tool.summary, ok: tool.ok }] : [];
  });
  if (acts.length === 0) return null;
  return (
    <ul className="mt-1.5 flex flex-col gap-1">
      {acts.map(({ key, icon: Icon, summary, ok }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the acts of a saved turn do not change
        <li key={at} className="flex items-start gap-2 text-caption text-muted">
          <Icon aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span>
            <span className="font-semibold">{t(`calls.tool.${key}`)}</span>
            {summary && (
              <>
                {': '}
                <bdi>{summary}</bdi>
              </>
            )}
            {!ok && <span className="text-danger-text"> · {t('calls.toolFailed')}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
