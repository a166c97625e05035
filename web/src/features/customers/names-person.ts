/** Whether a text says who somebody is: what is kept after they are forgotten must not. */
import type { Customer } from '@/api/types';

type Person = Pick<Customer, 'name' | 'phones' | 'emails'>;

const LEAST_LETTERS = 2;
/** A phone is told by its last digits, however it is written. */
const TELLING_DIGITS = 7;
/** Letters that Hebrew writes at the beginning of a word for «and, the, in, to, from, that, as». */
const PREFIXES = /^[\u05d5\u05d4\u05d1\u05dc\u05de\u05e9\u05db]{1,2}$/;

const words = (text: string) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= LEAST_LETTERS);

export function namesPerson(text: string, { name, phones, emails }: Person): boolean {
  const names = words(name);
  const says = (word: string) =>
    names.some(
      (one) => word === one || (word.endsWith(one) && PREFIXES.test(word.slice(0, word.length - one.length))),
    );
  const digits = text.replace(/\D/g, '');
  return (
    words(text).some(says) ||
    phones.some((phone) => digits.includes(phone.slice(-TELLING_DIGITS))) ||
    emails.some((email) => text.toLowerCase().includes(email.toLowerCase()))
  );
}
