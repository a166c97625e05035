/** Counts and money as people read them: `1,234`, `1,234 ₪`, `-1,234.50 ₪`. Digits stand left to right in both languages. */

const MINOR = 100;
const SIGNS: Record<string, string> = { ILS: '₪', USD: '$', EUR: '€', GBP: '£' };

export function formatCount(value: number): string {
  const [whole = '', rest] = String(Math.abs(value)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? '-' : ''}${grouped}${rest ? `.${rest}` : ''}`;
}

/** An amount in minor units; agorot only when there are any. */
export function formatMoney(minor: number, currency = 'ILS'): string {
  const rest = Math.abs(minor) % MINOR;
  const whole = Math.trunc(Math.abs(minor) / MINOR);
  const digits = `${formatCount(whole)}${rest ? `.${String(rest).padStart(2, '0')}` : ''}`;
  return `${minor < 0 ? '-' : ''}${digits} ${SIGNS[currency] ?? currency}`;
}

/** What a person wrote into a field of money, in minor units; null for what is no amount. */
export function parseMoney(text: string): number | null {
  const bare = text.replace(/[\s,₪$€£\u200e\u200f]/g, '');
  if (!/^-?\d{1,12}(\.\d{1,2})?$/.test(bare)) return null;
  return Math.round(Number(bare) * MINOR);
}
