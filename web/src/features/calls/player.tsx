/**
 * Plays a recording, with the caller's lane above and the agent's below. Time runs left to right in every language.
 */
import { useQuery } from '@tanstack/react-query';
import { Download, Pause, Play } from 'lucide-react';
import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { renewSession } from '@/api/client';
import { buttonClass } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Tooltip } from '@/components/ui/tooltip';
import { loadPeaks, type Peaks } from '@/components/waveform';
import { formatDuration } from '@/format/dates';
import { useTheme } from '@/shell/theme';

export interface PlayerControl {
  playFrom: (ms: number) => void;
}

interface PlayerProps {
  url: string;
  duration_ms: number | null;
  control: RefObject<PlayerControl | null>;
  onTime: (ms: number, playing: boolean) => void;
}

const SPEEDS = [1, 1.25, 1.5, 2] as const;
const STEP_MS = 5_000;

export function Player({ url, duration_ms, control, onTime }: PlayerProps) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at_ms, setAt] = useState(0);
  const [speed, setSpeed] = useState<number>(1);
  const [failed, setFailed] = useState(false);
  const peaks = useQuery({
    queryKey: ['recording-peaks', url],
    queryFn: ({ signal }) => loadPeaks(url, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  });
  const total_ms = duration_ms ?? peaks.data?.duration_ms ?? 0;

  const seek = (ms: number) => {
    const element = audio.current;
    if (!element) return;
    const target = Math.max(0, Math.min(total_ms, ms));
    element.currentTime = target / 1000;
    setAt(target);
    onTime(target, !element.paused);
  };
  useImperativeHandle(control, () => ({
    playFrom: (ms) => {
      seek(ms);
      void audio.current?.play();
    },
  }));
  useFrames(playing, () => {
    const ms = (audio.current?.currentTime ?? 0) * 1000;
    setAt(ms);
    onTime(ms, true);
  });
  const toggle = () => {
    const element = audio.current;
    if (!element) return;
    if (element.paused) void element.play();
    else element.pause();
  };
  const nextSpeed = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed as 1) + 1) % SPEEDS.length] ?? 1;
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  };
  const label = playing ? t('calls.player.pause') : t('calls.player.play');
  return (
    <div dir="ltr" className="flex flex-col gap-2 px-5 pb-4">
      {/* biome-ignore lint/a11y/useMediaCaption: the transcript stands below and follows the audio */}
      <audio
        ref={audio}
        src={url}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onError={() => void onceSignedIn(audio.current, () => setFailed(true))}
      />
      <Wave peaks={peaks.data ?? null} at_ms={at_ms} total_ms={total_ms} onSeek={seek} onToggle={toggle} />
      <div className="flex items-center gap-3">
        <Tooltip text={label}>
          <button
            type="button"
            aria-label={label}
            onClick={toggle}
            className="grid size-10 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong max-md:size-11"
          >
            {playing ? (
              <Pause aria-hidden className="size-4.5 fill-current" strokeWidth={0} />
            ) : (
              <Play aria-hidden className="ms-0.5 size-4.5 fill-current" strokeWidth={0} />
            )}
          </button>
        </Tooltip>
        <span className="tabular text-cell text-muted">
          <span className="text-ink">{formatDuration(at_ms / 1000)}</span> / {formatDuration(total_ms / 1000)}
        </span>
        {failed && (
          <span role="alert" dir="auto" className="text-caption text-danger-text">
            {t('calls.player.failed')}
          </span>
        )}
        <span className="grow" />
        <Tooltip text={t('calls.player.speed')}>
          <button
            type="button"
            aria-label={`${t('calls.player.speed')} ${speed}×`}
            className={buttonClass('ghost', 'sm', 'tabular')}
            onClick={nextSpeed}
          >
            {speed}×
          </button>
        </Tooltip>
        <Tooltip text={t('calls.player.download')}>
          <a
            href={url}
            download
            aria-label={t('calls.player.download')}
            className={buttonClass('ghost', 'sm', 'w-8 px-0! max-md:w-11')}
          >
            <Download aria-hidden className="size-4" />
          </a>
        </Tooltip>
      </div>
    </div>
  );
}

/** The access cookie may have expired since the page was opened: one renewal, one more try. */
async function onceSignedIn(element: HTMLAudioElement | null, giveUp: () => void): Promise<void> {
  if (!element || element.dataset.renewed) {
    giveUp();
    return;
  }
  element.dataset.renewed = 'yes';
  if (await renewSession()) element.load();
  else giveUp();
}

function useFrames(active: boolean, act: () => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    if (!active) return;
    let frame = requestAnimationFrame(function next() {
      latest.current();
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [active]);
}

interface WaveProps {
  peaks: Peaks | null;
  at_ms: number;
  total_ms: number;
  onSeek: (ms: number) => void;
  onToggle: () => void;
}

function Wave({ peaks, at_ms, total_ms, onSeek, onToggle }: WaveProps) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme brings other colours
  useEffect(() => {
    if (canvas.current) draw(canvas.current, size, peaks, total_ms > 0 ? at_ms / total_ms : 0);
  }, [size, peaks, at_ms, total_ms, theme]);
  const toTime = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onSeek(((event.clientX - box.left) / box.width) * total_ms);
  };
  const pressed = (event: KeyboardEvent) => {
    const target = seekTarget(event.key, at_ms, total_ms);
    if (target === null && event.key !== ' ') return;
    event.preventDefault();
    if (target === null) onToggle();
    else onSeek(target);
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={t('calls.player.seek')}
      aria-valuemin={0}
      aria-valuemax={Math.round(total_ms / 1000)}
      aria-valuenow={Math.round(at_ms / 1000)}
      aria-valuetext={t('calls.player.position', {
        at: formatDuration(at_ms / 1000),
        total: formatDuration(total_ms / 1000),
      })}
      className="cursor-pointer touch-none rounded-control"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        toTime(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) toTime(event);
      }}
      onKeyDown={pressed}
    >
      <canvas ref={canvas} className={cx('h-24 w-full', !peaks && 'animate-shimmer')} />
    </div>
  );
}

/** Where a key leads; right is later in every language. */
function seekTarget(key: string, at_ms: number, total_ms: number): number | null {
  if (key === 'ArrowRight') return at_ms + STEP_MS;
  if (key === 'ArrowLeft') return at_ms - STEP_MS;
  if (key === 'Home') return 0;
  return key === 'End' ? total_ms : null;
}

const BAR = 2;
const GAP = 1.5;

function draw(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
  peaks: Peaks | null,
  played: number,
): void {
  const context = canvas.getContext('2d');
  if (!context || width === 0) return;
  const density = window.devicePixelRatio || 1;
  canvas.width = width * density;
  canvas.height = height * density;
  context.scale(density, density);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(`--color-${name}`);
  const lanes = peaks?.channels ?? [new Float32Array(1)];
  const lane = height / lanes.length;
  lanes.forEach((channel, index) => {
    const middle = lane * index + lane / 2;
    const mark = lanes.length === 1 ? colour('accent') : colour(index === 0 ? 'caller' : 'agent');
    for (let x = 0; x < width; x += BAR + GAP) {
      const peak = channel[Math.floor((x / width) * channel.length)] ?? 0;
      const half = Math.max(1, peak * (lane / 2 - 2));
      context.globalAlpha = x / width <= played ? 1 : 0.38;
      context.fillStyle = mark;
      context.beginPath();
      context.roundRect(x, middle - half, BAR, half * 2, BAR / 2);
      context.fill();
    }
  });
  context.globalAlpha = 1;
  context.fillStyle = colour('ink');
  context.fillRect(Math.min(width - 1.5, played * width), 0, 1.5, height);
}
