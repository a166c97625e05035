/** Two lanes of what is said, caller at the start side and agent at the end, growing word by word. */
import { AudioLines } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components/ui/cx';
import { Prose } from '@/components/ui/text';
import type { Line } from './conversation';

const NEAR_THE_END_PX = 120;

export function Lanes({
  lines,
  empty,
  className,
}: {
  lines: readonly Line[];
  empty: string;
  className?: string;
}) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const begun = useRef(false);
  const last = lines.at(-1);
  const grown = `${last?.key}:${last?.text?.length}`;
  // Whoever scrolled up to read is left there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when words were added
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (below < NEAR_THE_END_PX || !begun.current) box.scrollTop = box.scrollHeight;
    begun.current = lines.length > 0;
  }, [grown]);
  return (
    <div
      ref={frame}
      role="log"
      aria-label={t('calls.live.transcript')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      className={cx('flex min-h-0 flex-col gap-3 overflow-y-auto p-5 max-md:p-4', className)}
    >
      {lines.length === 0 && (
        <p className="m-auto flex max-w-xs flex-col items-center gap-3 text-center text-balance text-muted">
          <AudioLines aria-hidden className="size-6 text-faint" />
          {empty}
        </p>
      )}
      {lines.map((line) => (
        <Utterance key={line.key} line={line} />
      ))}
    </div>
  );
}

function Utterance({ line }: { line: Line }) {
  const { t } = useTranslation();
  const agent = line.speaker === 'agent';
  return (
    <div className={cx('flex flex-col', agent ? 'items-end ps-[18%]' : 'items-start pe-[18%]')}>
      <span className="sr-only">{agent ? t('calls.live.agent') : t('calls.live.caller')}</span>
      <div
        className={cx(
          'rounded-card px-4 py-2.5 text-body',
          agent ? 'rounded-ee-mark bg-agent-soft' : 'rounded-es-mark bg-caller-soft',
        )}
      >
        {line.text === null ? (
          <p className="text-muted italic">{t('calls.transcript.audioOnly')}</p>
        ) : (
          <Prose className={line.open ? 'text-muted' : ''}>{line.open ? `${line.text} …` : line.text}</Prose>
        )}
      </div>
      {line.interrupted && (
        <span className="pt-1 text-caption text-muted">{t('calls.live.interrupted')}</span>
      )}
    </div>
  );
}
