import { type KeyboardEvent, useState } from 'react';
import { cx } from './cx';
import { INPUT } from './field';

const STEP_MINUTES = 15;
const DAY_MINUTES = 1_440;

/** `9`, `930` and `9:30` as `09:00`, `09:30`; what is no time stays as it was written. */
export function clockTime(text: string): string {
  const found = /^\s*(\d{1,2})(?:[:.]?(\d{2}))?\s*$/.exec(text);
  if (!found) return text.trim();
  return `${(found[1] ?? '').padStart(2, '0')}:${found[2] ?? '00'}`;
}

/** Minutes since midnight; null for what is no time. `24:00` is the day's end. */
export function minutesOf(time: string): number | null {
  const found = /^(\d{2}):(\d{2})$/.exec(time);
  if (!found) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2])];
  const minutes = hour * 60 + minute;
  return minute < 60 && minutes <= DAY_MINUTES ? minutes : null;
}

function stepped(time: string, by: number): string {
  const minutes = minutesOf(clockTime(time));
  if (minutes === null) return time;
  const next = Math.min(DAY_MINUTES, Math.max(0, minutes + by));
  return `${String(Math.floor(next / 60)).padStart(2, '0')}:${String(next % 60).padStart(2, '0')}`;
}

interface TimeFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** When it is left, with the time as it is written out. */
  onLeave?: (value: string) => void;
  invalid?: boolean;
  describedBy?: string | undefined;
}

/** A time of day in 24 hours, whatever the browser's own habit; the arrows go by a quarter of an hour. */
export function TimeField({ label, value, onChange, onLeave, invalid, describedBy }: TimeFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const keys = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? STEP_MINUTES : event.key === 'ArrowDown' ? -STEP_MINUTES : 0;
    if (by === 0) return;
    event.preventDefault();
    setTyped(null);
    onChange(stepped(typed ?? value, by));
  };
  return (
    <input
      type="text"
      inputMode="numeric"
      dir="ltr"
      aria-label={label}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      value={typed ?? value}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(clockTime(event.target.value));
      }}
      onBlur={(event) => {
        setTyped(null);
        onLeave?.(clockTime(event.target.value));
      }}
      onKeyDown={keys}
      className={cx(INPUT, 'tabular h-9 w-19! px-2! text-center text-cell max-md:h-11')}
    />
  );
}
