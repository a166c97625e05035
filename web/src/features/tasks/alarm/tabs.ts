/**
 * Which of a person's tabs rings. The tabs of one browser tell each other on a channel; each occurrence is claimed by
 * one of them, and of two claims at the same moment the one of the tab with the smaller name holds.
 */

type Word =
  | { say: 'claim'; occurrence: string; tab: string; at: number }
  | { say: 'aside'; occurrence: string };

const CHANNEL = 'task-alarms';

export interface Tabs {
  /** Whether this tab has it. */
  has: (occurrence: string) => boolean;
  taken: (occurrence: string) => boolean;
  claim: (occurrence: string) => void;
  setAside: (occurrence: string) => void;
  close: () => void;
}

export function joinTabs(onChange: () => void, onAside: (occurrence: string) => void): Tabs {
  const tab = `${performance.timeOrigin}-${Math.random()}`;
  const owners = new Map<string, { tab: string; at: number }>();
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
  const tell = (word: Word) => channel?.postMessage(word);
  /** Claims of the same moment: within so much of each other. */
  const SAME_MOMENT_MS = 150;
  const heard = ({ data }: MessageEvent<Word>) => {
    if (data.say === 'aside') return onAside(data.occurrence);
    const mine = owners.get(data.occurrence);
    const together = mine?.tab === tab && Math.abs(data.at - mine.at) < SAME_MOMENT_MS;
    if (together && tab < data.tab) return;
    owners.set(data.occurrence, { tab: data.tab, at: data.at });
    onChange();
  };
  channel?.addEventListener('message', heard);
  return {
    has: (occurrence) => owners.get(occurrence)?.tab === tab,
    taken: (occurrence) => owners.has(occurrence),
    claim: (occurrence) => {
      const at = Date.now();
      owners.set(occurrence, { tab, at });
      tell({ say: 'claim', occurrence, tab, at });
      onChange();
    },
    setAside: (occurrence) => tell({ say: 'aside', occurrence }),
    close: () => channel?.close(),
  };
}
