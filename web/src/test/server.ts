/** The server as a test wants it. Records are complete, so that a page never meets a shape that cannot be. */
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type {
  Call,
  CallDetail,
  Customer,
  Listed,
  Message,
  Note,
  Notification,
  Session,
  Task,
  Thread,
  Waiting,
} from '@/api/types';

export const ORIGIN = window.location.origin;
export const at = (path: string) => `${ORIGIN}${path}`;

export function listed<T>(...results: T[]): Listed<T> {
  return { results, page: 1, pages: 1, total: results.length, limit: 25, next_cursor: null };
}

export const EVERYTHING = [
  'session:own',
  'account:own',
  'customers:read',
  'customers:write',
  'timeline:read',
  'tasks:read',
  'tasks:write',
  'calls:read',
  'calls:work',
  'users:read',
  'settings:read',
  'notifications:own',
];

export function session(permissions: string[] = EVERYTHING): Session {
  return {
    user: {
      id: 2,
      name: 'דנה לוי',
      email: 'dana@example.com',
      phone: '+972521112233',
      role: 'owner',
      business_id: 1,
      available: true,
      active: true,
    },
    business: { id: 1, name: 'שורשים שיפוצים', timezone: 'Asia/Jerusalem', language: 'he-IL' },
    permissions,
    modules: {},
    impersonation: null,
    impersonation_ended: false,
  } as unknown as Session;
}

export function customer(change: Partial<Customer> = {}): Customer {
  return {
    id: 1,
    business_id: 1,
    name: 'ישראל ישראלי',
    phone: '+972521234567',
    phones: ['+972521234567'],
    email: null,
    emails: [],
    former_names: [],
    company: null,
    tax_id: null,
    address: null,
    status: 'new',
    source: 'call',
    owner_id: null,
    tags: [],
    notes: null,
    custom: {},
    do_not_contact: false,
    language: null,
    need: null,
    not_customer: null,
    blocked: false,
    last_contact_at: null,
    created_at: '2026-11-20T08:00:00Z',
    updated_at: '2026-11-20T08:00:00Z',
    ...change,
  } as Customer;
}

export function call(change: Partial<CallDetail> = {}): CallDetail {
  return {
    id: 7,
    business_id: 1,
    call_sid: 'CA7',
    customer_id: 1,
    customer_name: 'ישראל ישראלי',
    caller_hidden: false,
    test: false,
    direction: 'in',
    from_number: '+972521234567',
    to_number: '+97236001122',
    status: 'completed',
    mode: 'realtime',
    outcome: 'talked',
    needs_callback: false,
    claimed_by_id: null,
    claimed_until: null,
    handled_at: null,
    handled_by_id: null,
    started_at: '2026-11-20T08:00:00Z',
    ended_at: '2026-11-20T08:03:00Z',
    duration_seconds: 180,
    created_at: '2026-11-20T08:00:00Z',
    recording_url: null,
    summary: 'ביקש הצעת מחיר.',
    transcription: null,
    turns: [],
    recordings: [],
    extracted: null,
    sentiment: null,
    ...change,
  } as CallDetail;
}

export function waiting(change: Partial<Waiting> = {}): Waiting {
  return {
    customer_id: 1,
    customer_name: 'ישראל ישראלי',
    from_number: '+972521234567',
    caller_hidden: false,
    attempts: 2,
    first_at: '2026-11-20T07:00:00Z',
    last_at: '2026-11-20T08:00:00Z',
    last_call_id: 7,
    summary: null,
    claimed_by_id: null,
    claimed_until: null,
    ...change,
  } as Waiting;
}

export function thread(change: Partial<Thread> = {}): Thread {
  return {
    id: 5,
    business_id: 1,
    customer_id: 1,
    name: 'ישראל ישראלי',
    addresses: [{ kind: 'phone', value: '+972521234567' }],
    status: 'open',
    assignee_id: null,
    labels: [],
    snoozed_until: null,
    bot: true,
    bot_off_reason: null,
    handed_over_at: null,
    provider: 'baileys',
    open_providers: ['baileys'],
    unread: 0,
    waiting_since: null,
    last_inbound_at: '2026-11-20T08:00:00Z',
    last_message_id: 11,
    last_message_at: '2026-11-20T08:00:00Z',
    last_message_kind: 'text',
    last_message_text: 'שלום, מתי אפשר להגיע?',
    last_message_direction: 'in',
    draft: null,
    created_at: '2026-11-20T08:00:00Z',
    updated_at: '2026-11-20T08:00:00Z',
    ...change,
  };
}

export function message(change: Partial<Message> = {}): Message {
  return {
    id: 11,
    business_id: 1,
    thread_id: 5,
    customer_id: 1,
    direction: 'in',
    kind: 'text',
    source: 'customer',
    author_id: null,
    text: 'שלום, מתי אפשר להגיע?',
    location: null,
    contacts: [],
    choice: null,
    template: null,
    files: [],
    reactions: {},
    reply_to: null,
    status: 'received',
    provider: 'baileys',
    sid: null,
    error_code: null,
    error_text: null,
    at: '2026-11-20T08:00:00Z',
    sent_at: null,
    delivered_at: null,
    read_at: null,
    played_at: null,
    failed_at: null,
    edited_at: null,
    deleted_at: null,
    created_at: '2026-11-20T08:00:00Z',
    ...change,
  };
}

const nothing = listed();

/** A business in which nothing has happened yet; a test puts over it what it is about. */
export const server = setupServer(
  http.get(at('/api/auth/me'), () => HttpResponse.json(session())),
  http.get(at('/api/users'), () => HttpResponse.json(nothing)),
  http.get(at('/api/voice/engines'), () =>
    HttpResponse.json({
      stt: [],
      llm: [],
      tts: [],
      basic_voice_only: false,
      transcribes: true,
      converses: true,
      telephony: true,
    }),
  ),
  http.get(at('/api/calls/waiting'), () => HttpResponse.json(listed<Waiting>())),
  http.get(at('/api/crm/calls'), () => HttpResponse.json(listed<Call>())),
  http.get(at('/api/crm/customers'), () => HttpResponse.json(listed<Customer>())),
  http.get(at('/api/crm/customers/:id/notes'), () => HttpResponse.json(listed<Note>())),
  http.get(at('/api/tasks'), () => HttpResponse.json(listed<Task>())),
  http.get(at('/api/notifications'), () => HttpResponse.json({ ...listed<Notification>(), unread: 0 })),
  http.get(at('/api/businesses/1/settings'), () => HttpResponse.json({ hours: {}, holidays: [] })),
);

export function refuse(status: number, error: string, more: object = {}) {
  return HttpResponse.json(
    { type: 'about:blank', title: error, status, error, detail: error, request_id: 'req-1', ...more },
    { status, headers: { 'Content-Type': 'application/problem+json' } },
  );
}
