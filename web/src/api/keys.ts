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
  notifications: {
    all: ['notifications'] as const,
    list: ['notifications', 'list'] as const,
    preferences: ['notification-preferences'] as const,
  },
  /** Whether this browser is registered for push. */
  pushHere: ['push-here'] as const,
  openingHours: ['opening-hours'] as const,
};
