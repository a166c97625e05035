/** How the list of conversations is narrowed, as it stands in the address. */

export const WHOSE = ['all', 'mine', 'unassigned'] as const;
export const STATES = ['open', 'waiting', 'closed', 'snoozed'] as const;

export interface InboxSearch {
  thread?: number;
  whose?: 'mine' | 'unassigned';
  status?: (typeof STATES)[number];
  unread?: true;
  label?: string;
  q?: string;
}

const text = (value: unknown) => (typeof value === 'number' ? String(value) : value);

export function readInbox(search: Record<string, unknown>): InboxSearch {
  const thread = Number(search.thread);
  const q = text(search.q);
  const label = text(search.label);
  const status = STATES.find((state) => state === search.status);
  return {
    ...(Number.isInteger(thread) && thread > 0 && { thread }),
    ...((search.whose === 'mine' || search.whose === 'unassigned') && { whose: search.whose }),
    ...(status && { status }),
    ...((search.unread === true || search.unread === 'true') && { unread: true as const }),
    ...(typeof label === 'string' && label && { label }),
    ...(typeof q === 'string' && q && { q }),
  };
}

/** What is asked of the server. Those that were put off stand by themselves. */
export function asked(search: InboxSearch, user: number): Record<string, string> {
  return {
    snoozed: String(search.status === 'snoozed'),
    ...(search.status && search.status !== 'snoozed' && { status: search.status }),
    ...(search.whose && { assignee_id: search.whose === 'mine' ? String(user) : 'none' }),
    ...(search.unread && { unread: 'true' }),
    ...(search.label && { label: search.label }),
    ...(search.q && { q: search.q }),
  };
}

export function isNarrowed({ thread: _, ...rest }: InboxSearch): boolean {
  return Object.keys(rest).length > 0;
}
