/**
 * What to dial so that calls come here. The codes are a table: mobile networks share those of 3GPP TS 22.030, annex B;
 * Bezeq's are its own star services. What is not in the table is asked of the phone company.
 */
import { phoneDigits } from '@/format/phone';
import table from './forwarding.json';

export const OPERATORS = ['mobile', 'bezeq', 'other'] as const;
export type Operator = (typeof OPERATORS)[number];
export const WHENS = ['all', 'no_answer', 'busy'] as const;
export type When = (typeof WHENS)[number];

interface Codes {
  on: string;
  off: string;
}

/** Where a number most likely is; its owner knows better. */
export function operatorOf(number: string): Operator {
  if (/^\+9725/.test(number)) return 'mobile';
  return /^\+972[23489]/.test(number) ? 'bezeq' : 'other';
}

/** The codes that forward to this number and stop it again; null where none is known. */
export function codesOf(operator: Operator, when: When, number: string): Codes | null {
  const known = (table as Partial<Record<Operator, Partial<Record<When, Codes>>>>)[operator]?.[when];
  if (!known) return null;
  return { on: known.on.replace('{number}', phoneDigits(number)), off: known.off };
}

/** As an address that a phone dials. */
export function dialLink(code: string): string {
  return `tel:${encodeURIComponent(code)}`;
}
