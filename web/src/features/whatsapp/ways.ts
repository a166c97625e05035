/** The ways to WhatsApp. */
export const WAYS = ['baileys', 'twilio', 'meta'] as const;
export type Way = (typeof WAYS)[number];

export function isWay(word: string | null | undefined): word is Way {
  return WAYS.some((way) => way === word);
}
