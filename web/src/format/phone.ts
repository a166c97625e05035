/**
 * Phones as people write them: `052-123-4567`, `03-123-4567`, others `+44 …`. Copying gives digits only.
 */

export function formatPhone(e164: string): string {
  const digits = e164.replace(/[^\d+*#]/g, '');
  if (digits.startsWith('+972')) return israeli(`0${digits.slice(4)}`);
  if (digits.startsWith('+1') && digits.length === 12) {
    return `+1 ${digits.slice(2, 5)} ${digits.slice(5, 8)} ${digits.slice(8)}`;
  }
  if (digits.startsWith('+')) return abroad(digits);
  if (/^0\d{8,9}$/.test(digits)) return israeli(digits);
  return digits || e164;
}

function israeli(national: string): string {
  const prefix = /^0(5\d|7\d)/.test(national) ? 3 : 2;
  const rest = national.slice(prefix);
  if (rest.length !== 7) return national;
  return `${national.slice(0, prefix)}-${rest.slice(0, 3)}-${rest.slice(3)}`;
}

/** Country calling codes of two digits; all others but 1 and 7 have three. */
const TWO_DIGITS = /^\+(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

function abroad(digits: string): string {
  const length = /^\+7/.test(digits) ? 2 : TWO_DIGITS.test(digits) ? 3 : 4;
  const rest = digits.slice(length).replace(/(\d{3})(?=\d{3,4})/g, '$1 ');
  return `${digits.slice(0, length)} ${rest}`.trim();
}

/** While nobody has said a customer's name, the phone stands in its place. */
export function isPhone(name: string): boolean {
  return /^\+\d{7,15}$/.test(name);
}

export function formatName(name: string): string {
  return isPhone(name) ? formatPhone(name) : name;
}

/** What goes to the clipboard: the digits as one would dial them. */
export function phoneDigits(e164: string): string {
  return e164.startsWith('+972') ? `0${e164.slice(4)}` : e164;
}
