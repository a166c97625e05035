/** Where one is: pages say it, the bar shows it, and the window is named after it. */
import { useEffect, useSyncExternalStore } from 'react';

export interface Crumb {
  label: string;
  to?: '/crm' | '/calls' | '/crm/customers' | '/tasks' | '/deals' | '/business' | '/admin';
}

let crumbs: readonly Crumb[] = [];
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useShownCrumbs(): readonly Crumb[] {
  return useSyncExternalStore(subscribe, () => crumbs);
}

const SEPARATOR = '\u001f';

/** Sets the crumbs while this page stands; the last one is the page itself. */
export function useCrumbs(...labels: Crumb[]): void {
  const described = labels.map((crumb) => `${crumb.to ?? ''}${SEPARATOR}${crumb.label}`).join('\n');
  useEffect(() => {
    crumbs = described.split('\n').map((line) => {
      const [to = '', label = ''] = line.split(SEPARATOR);
      return to ? ({ label, to } as Crumb) : { label };
    });
    document.title = `${crumbs.at(-1)?.label ?? ''} · AgentLocator`;
    for (const listener of listeners) listener();
  }, [described]);
}
