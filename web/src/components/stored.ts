/** A choice of this browser, kept between visits. */
import { useCallback, useState } from 'react';

export function useStored<T extends string>(key: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      return (localStorage.getItem(key) as T | null) ?? initial;
    } catch {
      return initial;
    }
  });
  const store = useCallback(
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // Storage is closed: the choice holds for this window only.
      }
    },
    [key],
  );
  return [value, store];
}
