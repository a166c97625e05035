/** Which rows are picked: some by their ids, or all that the filters show. */
import { useCallback, useRef, useState } from 'react';

export interface Selection {
  ids: ReadonlySet<number>;
  /** Everything that the list would show, loaded or not. */
  all: boolean;
}

export interface Picking extends Selection {
  toggle: (id: number) => void;
  /** Adds several. */
  add: (ids: readonly number[]) => void;
  pickAll: () => void;
  clear: () => void;
  /** The row that was picked last, from which a range begins. */
  anchor: React.RefObject<number>;
}

const NOTHING: Selection = { ids: new Set(), all: false };

/** What is picked belongs to one list: with other filters nothing is picked. */
export function useSelection(list: string): Picking {
  const [kept, setKept] = useState({ list, picked: NOTHING });
  const anchor = useRef(-1);
  const picked = kept.list === list ? kept.picked : NOTHING;
  const set = useCallback(
    (change: (now: Selection) => Selection) =>
      setKept((before) => ({ list, picked: change(before.list === list ? before.picked : NOTHING) })),
    [list],
  );
  const toggle = useCallback(
    (id: number) =>
      set(({ ids }) => {
        const next = new Set(ids);
        if (!next.delete(id)) next.add(id);
        return { ids: next, all: false };
      }),
    [set],
  );
  const add = useCallback(
    (more: readonly number[]) => set(({ ids }) => ({ ids: new Set([...ids, ...more]), all: false })),
    [set],
  );
  const pickAll = useCallback(() => set(() => ({ ids: new Set(), all: true })), [set]);
  const clear = useCallback(() => set(() => NOTHING), [set]);
  return { ...picked, toggle, add, pickAll, clear, anchor };
}
