/** The kinds of notifications that there is something of, each with its mark. */
import {
  AlarmClock,
  AtSign,
  Bell,
  Cable,
  FileSignature,
  HandHelping,
  type LucideIcon,
  MessageSquare,
  PhoneMissed,
  Receipt,
  ServerCrash,
  ShieldQuestion,
  Sunset,
  TriangleAlert,
  Unplug,
  Wallet,
} from 'lucide-react';
import type { Session } from '@/api/types';

const ICONS: Record<string, LucideIcon> = {
  task_due: AlarmClock,
  missed_call: PhoneMissed,
  handover: HandHelping,
  message: MessageSquare,
  mention: AtSign,
  contract_signed: FileSignature,
  invoice_paid: Receipt,
  payment_held: ShieldQuestion,
  line_down: Unplug,
  whatsapp_disconnected: Cable,
  engine_failing: ServerCrash,
  balance_low: Wallet,
  job_given_up: TriangleAlert,
  daily_digest: Sunset,
};

export const iconOf = (kind: string): LucideIcon => ICONS[kind] ?? Bell;

export const KINDS = [
  'task_due',
  'missed_call',
  'handover',
  'message',
  'mention',
  'contract_signed',
  'invoice_paid',
  'payment_held',
  'line_down',
  'whatsapp_disconnected',
  'engine_failing',
  'balance_low',
  'job_given_up',
  'daily_digest',
] as const;

export type Kind = (typeof KINDS)[number];

/** A server may know more kinds; those are told by their titles alone. */
export const isKind = (kind: string): kind is Kind => KINDS.some((known) => known === kind);

/** Which part of the product a kind comes from. */
const MODULES: Partial<Record<Kind, string>> = {
  task_due: 'crm',
  missed_call: 'calls',
  handover: 'calls',
  line_down: 'calls',
  daily_digest: 'calls',
  message: 'whatsapp',
  mention: 'crm',
  whatsapp_disconnected: 'whatsapp',
  contract_signed: 'billing',
  invoice_paid: 'billing',
  payment_held: 'billing',
};

/** The part that the app has no pages of: nothing is told of it. */
const PAGELESS = 'billing';

/** Told to owners alone. */
const OF_OWNERS: readonly Kind[] = ['daily_digest'];

/** What this person can be told of: by the parts that the business has. */
export function kindsFor(session: Session, known: readonly string[]): Kind[] {
  const has = (module: string | undefined) => {
    const state = module ? session.modules?.[module] : undefined;
    return !state || (state.licensed && state.on);
  };
  const toldTo = (kind: Kind) => session.user.role === 'owner' || !OF_OWNERS.includes(kind);
  const isShown = (kind: Kind) => MODULES[kind] !== PAGELESS && has(MODULES[kind]);
  return KINDS.filter((kind) => known.includes(kind) && isShown(kind) && toldTo(kind));
}
