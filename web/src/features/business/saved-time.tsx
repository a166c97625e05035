import { useState } from 'react';
import { minutesOf, TimeField } from '@/components/ui/time-field';

interface SavedTimeProps {
  label: string;
  value: string;
  onSave: (value: string) => void;
}

const DAY_END = 1_440;

/** A time of the settings, saved when it is left; what is no time goes back. */
export function SavedTime({ label, value, onSave }: SavedTimeProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const leave = (time: string) => {
    setDraft(null);
    const minutes = minutesOf(time);
    if (minutes !== null && minutes !== DAY_END && time !== value) onSave(time);
  };
  return (
    <div className="flex items-center gap-4 text-cell">
      <span aria-hidden className="font-semibold">
        {label}
      </span>
      <TimeField label={label} value={draft ?? value} onChange={setDraft} onLeave={leave} />
    </div>
  );
}
