/** An alarm that rang. */
export interface Ring {
  occurrence_id: string;
  task_id: number;
  title: string;
  customer_id: number | null;
  due_at: string;
}

/** Each occurrence once, and each task once: its latest. */
export function addRing(before: readonly Ring[], ring: Ring): Ring[] {
  if (before.some((known) => known.occurrence_id === ring.occurrence_id)) return [...before];
  const at = before.findIndex((known) => known.task_id === ring.task_id);
  if (at < 0) return [...before, ring];
  const known = before[at];
  // The same alarm, first known from the list and then heard.
  if (known?.due_at === ring.due_at) return [...before];
  return before.map((one, index) => (index === at ? ring : one));
}
