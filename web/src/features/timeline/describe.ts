/** One line, and what stands under it, for each kind of event. What the server stored are facts; words are ours. */
import type { TFunction } from 'i18next';
import {
  CircleCheck,
  FileInput,
  Handshake,
  History,
  type LucideIcon,
  Merge,
  Pencil,
  PhoneIncoming,
  PhoneOutgoing,
  Sparkles,
  Split,
  SquareCheck,
  StickyNote,
  Trash2,
  Undo2,
} from 'lucide-react';
import type { TimelineItem } from '@/api/types';
import { formatDuration } from '@/format/dates';
import { formatMoney } from '@/format/numbers';
import { formatName } from '@/format/phone';

export interface Described {
  icon: LucideIcon;
  title: string;
  body: string | null;
  /** The call that it comes from. */
  call: number | null;
  /** Made by the agent, not by a person. */
  byAi: boolean;
}

type Data = Record<string, unknown>;

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const OUTCOMES = new Set(['talked', 'message', 'transferred', 'abandoned', 'missed', 'not_reached']);

function describeCall(t: TFunction, item: TimelineItem, data: Data): Described {
  const out = data.direction === 'out';
  const outcome = text(data.outcome);
  const parts = [t(out ? 'customers.event.callOut' : 'customers.event.callIn')];
  if (outcome && OUTCOMES.has(outcome)) parts.push(t(`calls.outcome.${outcome as 'talked'}`));
  const seconds = number(data.duration_seconds);
  // A mark keeps the clock's figures in order inside a right-to-left line.
  if (seconds !== null) parts.push(`\u2066${formatDuration(seconds)}\u2069`);
  return {
    icon: out ? PhoneOutgoing : PhoneIncoming,
    title: parts.join(' · '),
    body: text(data.summary),
    call: Number(item.ref_id) || null,
    byAi: false,
  };
}

const FIELDS = {
  name: 'customers.name',
  phone: 'customers.phone',
  phones: 'customers.phone',
  email: 'customers.email',
  emails: 'customers.email',
  company: 'customers.company',
  tax_id: 'customers.taxId',
  address: 'customers.address',
  status: 'customers.statusColumn',
  source: 'customers.sourceColumn',
  owner_id: 'customers.owner',
  tags: 'customers.tags',
  notes: 'customers.notes',
  custom: 'ownRecords.fields',
  do_not_contact: 'customers.doNotContact',
  language: 'imports.field.language',
  need: 'customers.need',
  not_customer: 'customers.notCustomer',
  blocked: 'customers.blocked',
} as const;

const STATUSES = new Set(['new', 'contacted', 'qualified', 'customer', 'inactive']);

function valueText(t: TFunction, field: string, value: unknown): string {
  const words = text(value);
  if (field === 'status' && words && STATUSES.has(words)) return t(`customers.status.${words as 'new'}`);
  return words ? formatName(words) : '';
}

/** What happened to the record as a whole. */
const ACTS = {
  deleted: Trash2,
  restored: Undo2,
  merged: Merge,
  unmerged: Split,
} as const;

/** The server writes the other one's name after a colon. */
const namedIn = (title: string) => formatName(title.replace(/^[^:]*: /, ''));

function describeAct(t: TFunction, item: TimelineItem, action: keyof typeof ACTS): Described {
  return {
    icon: ACTS[action],
    title: t(`customers.event.${action}`, { name: `\u2068${namedIn(item.title)}\u2069` }),
    body: null,
    call: null,
    byAi: false,
  };
}

function describeImport(t: TFunction, item: TimelineItem, data: Data): Described {
  const key = data.action === 'updated' ? 'importUpdated' : 'importCreated';
  return {
    icon: FileInput,
    title: t(`customers.event.${key}`, { file: `\u2068${item.title}\u2069` }),
    body: null,
    call: null,
    byAi: false,
  };
}

function describeNote(t: TFunction, item: TimelineItem, data: Data): Described {
  const author = text(data.user_name);
  return {
    icon: StickyNote,
    title: author
      ? t('customers.event.noteBy', { name: `\u2068${author}\u2069` })
      : t('customers.event.note'),
    body: text(data.text) ?? item.title,
    call: null,
    byAi: false,
  };
}

function describeChange(t: TFunction, item: TimelineItem, data: Data): Described {
  const action = text(data.action);
  if (action && action in ACTS) return describeAct(t, item, action as keyof typeof ACTS);
  const changes = Object.entries((data.changes ?? {}) as Record<string, { from?: unknown; to?: unknown }>);
  const names = changes.map(([field]) => (field in FIELDS ? t(FIELDS[field as keyof typeof FIELDS]) : field));
  const [first] = changes;
  const to = changes.length === 1 && first ? valueText(t, first[0], first[1].to) : '';
  return {
    icon: Pencil,
    title: t('customers.event.changed', { fields: [...new Set(names)].join(', ') }),
    body: to || null,
    call: number(data.call_id),
    byAi: data.by === 'agent',
  };
}

function describeAi(t: TFunction, data: Data): Described {
  const said = [text(data.name), text(data.need), text(data.email)].filter(Boolean);
  return {
    icon: Sparkles,
    title: t('customers.event.learned'),
    body: said.join(' · ') || null,
    call: number(data.call_id),
    byAi: true,
  };
}

function describeTask(t: TFunction, item: TimelineItem, data: Data): Described {
  const done = data.status === 'done';
  return {
    icon: done ? CircleCheck : SquareCheck,
    title: t(done ? 'customers.event.taskDone' : 'customers.event.taskOpen', {
      title: `\u2068${item.title}\u2069`,
    }),
    body: null,
    call: number(data.call_id),
    byAi: data.source === 'call',
  };
}

function describeDeal(t: TFunction, item: TimelineItem, data: Data): Described {
  const status = text(data.status);
  const minor = number(data.amount_minor);
  const amount =
    minor === null ? null : `\u2066${formatMoney(minor, text(data.currency) ?? undefined)}\u2069`;
  const key = status === 'won' ? 'dealWon' : status === 'lost' ? 'dealLost' : 'dealOpen';
  return {
    icon: Handshake,
    title: t(`customers.event.${key}`, { title: `\u2068${item.title}\u2069` }),
    body: text(data.lost_reason) ?? amount,
    call: null,
    byAi: false,
  };
}

export function describe(t: TFunction, item: TimelineItem): Described {
  const data = (item.data ?? {}) as Data;
  if (item.type === 'call') return describeCall(t, item, data);
  if (item.type === 'change') return describeChange(t, item, data);
  if (item.type === 'ai') return describeAi(t, data);
  if (item.type === 'task') return describeTask(t, item, data);
  if (item.type === 'deal') return describeDeal(t, item, data);
  if (item.type === 'import') return describeImport(t, item, data);
  if (item.type === 'note') return describeNote(t, item, data);
  return { icon: History, title: item.title, body: text(data.text), call: null, byAi: false };
}
