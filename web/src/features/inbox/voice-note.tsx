/** A voice note as a waveform with its words under it. Time runs left to right in every language. */
import { useQuery } from '@tanstack/react-query';
import { Pause, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renewSession } from '@/api/client';
import { Prose } from '@/components/ui/text';
import { loadPeaks } from '@/components/waveform';
import { formatDuration } from '@/format/dates';

const BARS = 44;
const SPEEDS = [1, 1.5, 2] as const;

interface VoiceNoteProps {
  url: string;
  transcript: string | null;
  /** Spoken into WhatsApp; otherwise a sound file. */
  note: boolean;
}

export function VoiceNote({ url, transcript, note }: VoiceNoteProps) {
  const { t } = useTranslation();
  return (
    <div className="flex w-64 max-w-full flex-col gap-1.5">
      <Player url={url} label={t(note ? 'inbox.kind.voice' : 'inbox.kind.audio')} />
      {transcript && <Prose className="text-cell text-muted">{transcript}</Prose>}
    </div>
  );
}

/** The loudest of each part, between 0 and 1. */
function bars(channel: Float32Array | undefined): number[] {
  if (!channel) return Array.from({ length: BARS }, () => 0.15);
  const width = channel.length / BARS;
  return Array.from({ length: BARS }, (_, bar) =>
    Math.max(0.08, ...channel.subarray(Math.floor(bar * width), Math.ceil((bar + 1) * width))),
  );
}

function Player({ url, label }: { url: string; label: string }) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const renewed = useRef(false);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const [speed, setSpeed] = useState<number>(1);
  const peaks = useQuery({
    queryKey: ['voice-note-peaks', url],
    queryFn: ({ signal }) => loadPeaks(url, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  });
  const total = length || (peaks.data?.duration_ms ?? 0) / 1000;
  const toggle = () => {
    const element = audio.current;
    if (!element) return;
    if (element.paused) void element.play().catch(() => setPlaying(false));
    else element.pause();
  };
  const onError = () => {
    if (renewed.current) return;
    renewed.current = true;
    void renewSession().then(() => audio.current?.load());
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed as 1) + 1) % SPEEDS.length] ?? 1;
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  };
  return (
    <div dir="ltr" className="flex items-center gap-2.5">
      {/* biome-ignore lint/a11y/useMediaCaption: its words stand below, once they are known */}
      <audio
        ref={audio}
        src={url}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onDurationChange={(event) => {
          const { duration } = event.currentTarget;
          if (Number.isFinite(duration)) setLength(duration);
        }}
        onError={onError}
      />
      <button
        type="button"
        aria-label={playing ? t('inbox.voice.pause') : t('inbox.voice.play')}
        onClick={toggle}
        className="grid size-9 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong max-md:size-11"
      >
        {playing ? (
          <Pause aria-hidden className="size-4 fill-current" strokeWidth={0} />
        ) : (
          <Play aria-hidden className="ms-0.5 size-4 fill-current" strokeWidth={0} />
        )}
      </button>
      <div className="relative min-w-0 grow">
        <Bars heights={bars(peaks.data?.channels[0])} played={total > 0 ? at / total : 0} />
        <input
          type="range"
          aria-label={label}
          aria-valuetext={t('inbox.voice.position', {
            at: formatDuration(at),
            total: formatDuration(total),
          })}
          min={0}
          max={Math.max(1, Math.ceil(total * 10))}
          value={Math.round(at * 10)}
          onChange={(event) => {
            const next = Number(event.target.value) / 10;
            setAt(next);
            if (audio.current) audio.current.currentTime = next;
          }}
          className="absolute inset-0 h-full w-full cursor-pointer opacity-0 focus-visible:opacity-30"
        />
      </div>
      <button
        type="button"
        onClick={faster}
        className="target tabular h-7 w-9 shrink-0 rounded-full bg-sunken text-[12px] font-bold text-muted hover:text-ink"
      >
        <span className="sr-only">{t('inbox.voice.speed')} </span>
        {playing || at > 0 ? `${speed}×` : formatDuration(total)}
      </button>
    </div>
  );
}

function Bars({ heights, played }: { heights: readonly number[]; played: number }) {
  return (
    <svg aria-hidden viewBox={`0 0 ${BARS * 3} 24`} preserveAspectRatio="none" className="h-8 w-full">
      {heights.map((height, bar) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bars never move
          key={bar}
          x={bar * 3}
          y={12 - height * 11}
          width={1.8}
          height={height * 22}
          rx={0.9}
          className={bar / BARS < played ? 'fill-accent' : 'fill-edge'}
        />
      ))}
    </svg>
  );
}
