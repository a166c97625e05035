/** The names of what is cached. Realtime events patch and invalidate by these, so they stand in one place. */
type Filters = Record<string, unknown>;

export const keys = {
  session: ['session'] as const,
  users: ['users'] as const,
  everybody: ['users', 'all'] as const,
  settings: (business: number) => ['settings', business] as const,
  modules: (business: number) => ['modules', business] as const,
  apiKeys: ['api-keys'] as const,
  sessions: ['sessions'] as const,
  totp: ['totp'] as const,
  engines: ['engines'] as const,
  calls: {
    all: ['calls'] as const,
    list: (filters: Filters) => ['calls', 'list', filters] as const,
    waiting: ['calls', 'waiting'] as const,
    waitingOf: (filters: Filters) => ['calls', 'waiting', filters] as const,
    sinceClosing: ['calls', 'since-closing'] as const,
    live: ['calls', 'live'] as const,
    one: (id: number) => ['calls', 'one', id] as const,
    /** Turns of a running call as they are spoken; filled by realtime events alone. */
    spoken: (id: number) => ['call-spoken', id] as const,
    level: (id: number) => ['call-level', id] as const,
  },
  customers: {
    all: ['customers'] as const,
    list: (filters: Filters) => ['customers', 'list', filters] as const,
    one: (id: number) => ['customers', 'one', id] as const,
    timeline: (id: number) => ['customers', 'timeline', id] as const,
    notes: (id: number) => ['customers', 'notes', id] as const,
    /** Beside a conversation. */
    beside: (id: number) => ['customers', 'beside', id] as const,
    duplicates: (id: number) => ['customers', 'duplicates', id] as const,
    merges: (id: number) => ['customers', 'merges', id] as const,
  },
  statuses: ['customer-statuses'] as const,
  ownFields: ['custom-fields'] as const,
  views: (entity: string) => ['views', entity] as const,
  bulk: (id: number) => ['bulk', id] as const,
  imports: {
    all: ['imports'] as const,
    list: ['imports', 'list'] as const,
    one: (id: number) => ['imports', 'one', id] as const,
  },
  exports: ['exports'] as const,
  tasks: {
    all: ['tasks'] as const,
    list: (filters: Filters) => ['tasks', 'list', filters] as const,
    one: (id: number) => ['tasks', 'one', id] as const,
    /** Alarms that nobody has attended to. */
    ringing: ['tasks', 'ringing'] as const,
  },
  deals: {
    all: ['deals'] as const,
    board: (filters: Filters) => ['deals', 'board', filters] as const,
    list: (filters: Filters) => ['deals', 'list', filters] as const,
    one: (id: number) => ['deals', 'one', id] as const,
    history: (id: number) => ['deals', 'history', id] as const,
    forecast: (filters: Filters) => ['deals', 'forecast', filters] as const,
    losses: (filters: Filters) => ['deals', 'losses', filters] as const,
    pipelines: ['deals', 'pipelines'] as const,
  },
  threads: {
    all: ['threads'] as const,
    lists: ['threads', 'list'] as const,
    list: (filters: Filters) => ['threads', 'list', filters] as const,
    one: (id: number) => ['threads', 'one', id] as const,
    notes: (id: number) => ['threads', 'notes', id] as const,
  },
  messages: {
    ofThread: (id: number) => ['messages', 'thread', id] as const,
    customers: ['messages', 'customer'] as const,
    ofCustomer: (filters: Filters) => ['messages', 'customer', filters] as const,
  },
  /** What was written here and is on its way to the server. */
  outbox: (thread: number) => ['outbox', thread] as const,
  known: (thread: number) => ['outbox-known', thread] as const,
  /** Who writes in a conversation now; filled by realtime events alone. */
  typing: (thread: number) => ['typing', thread] as const,
  cannedReplies: ['canned-replies'] as const,
  templates: ['message-templates'] as const,
  whatsapp: {
    all: ['whatsapp'] as const,
    provider: ['whatsapp', 'provider'] as const,
    status: ['whatsapp', 'status'] as const,
    qr: ['whatsapp', 'qr'] as const,
    private: ['whatsapp', 'private'] as const,
  },
  stats: {
    overview: ['stats', 'overview'] as const,
  },
  notifications: {
    all: ['notifications'] as const,
    list: ['notifications', 'list'] as const,
    preferences: ['notification-preferences'] as const,
  },
  /** Whether this browser is registered for push. */
  pushHere: ['push-here'] as const,
  /** What was done, as the audit log has it. */
  audit: (filters: Filters) => ['audit', filters] as const,
  platform: {
    all: ['platform'] as const,
    stats: ['platform', 'stats'] as const,
    businesses: (filters: Filters) => ['platform', 'businesses', filters] as const,
    jobs: ['platform', 'jobs'] as const,
    prompt: (key: string) => ['platform', 'prompt', key] as const,
    greetings: ['platform', 'greetings'] as const,
    ready: ['platform', 'ready'] as const,
    version: ['platform', 'version'] as const,
    /** Under `users`, so that what changes a person refreshes it. */
    people: (filters: Filters) => ['users', 'platform', filters] as const,
  },
  openingHours: ['opening-hours'] as const,
};
