/** How far the wizard of a new business has come, kept in this browser between visits. */
export const STEPS = ['business', 'agent', 'call', 'number'] as const;
export type Step = (typeof STEPS)[number];
type Kept = Step | 'done';

/** What was chosen and written on the first page and not saved; of what was saved, the trade. */
export interface Told {
  trade: string;
  prompt?: string;
  answers?: Record<string, string>;
}

const keyOf = (business: number) => `welcome.${business}`;
const toldOf = (business: number) => `welcome.told.${business}`;

export function isStep(text: unknown): text is Step {
  return STEPS.some((step) => step === text);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is closed: the wizard begins anew next time.
  }
}

export function keptStep(business: number): Kept | null {
  const kept = read(keyOf(business));
  return isStep(kept) || kept === 'done' ? kept : null;
}

export function keepStep(business: number, step: Kept): void {
  write(keyOf(business), step);
}

export function keptTold(business: number): Told | null {
  try {
    return JSON.parse(read(toldOf(business)) ?? 'null') as Told | null;
  } catch {
    return null;
  }
}

export function keepTold(business: number, told: Told): void {
  write(toldOf(business), JSON.stringify(told));
}
