/** How far the wizard of a new business has come, kept in this browser between visits. */
export const STEPS = ['business', 'agent', 'call', 'number'] as const;
export type Step = (typeof STEPS)[number];
type Kept = Step | 'done';

const keyOf = (business: number) => `welcome.${business}`;

export function isStep(text: unknown): text is Step {
  return STEPS.some((step) => step === text);
}

export function keptStep(business: number): Kept | null {
  try {
    const kept = localStorage.getItem(keyOf(business));
    return isStep(kept) || kept === 'done' ? kept : null;
  } catch {
    return null;
  }
}

export function keepStep(business: number, step: Kept): void {
  try {
    localStorage.setItem(keyOf(business), step);
  } catch {
    // Storage is closed: the wizard begins anew next time.
  }
}
