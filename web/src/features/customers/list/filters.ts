/** What stands in the address of the list, and what the server is asked by it. */
import { addDays, momentOfDay } from '@/format/dates';

/** Named as the server's filters are, so that a saved view is one of them as it is. */
const PLAIN = [
  'q',
  'sort',
  'status',
  'owner_id',
  'source',
  'tags',
  'created_from',
  'created_to',
  'last_contact_from',
  'last_contact_to',
  'do_not_contact',
  'blocked',
  'not_customer',
  'counted',
  'deleted',
] as const;
export type PlainFilter = (typeof PLAIN)[number];
export type FilterName = PlainFilter | `custom.${string}`;

export type Filters = { [K in FilterName]?: string };
export type CustomersSearch = Filters & { view?: number };
export type FilterChange = { [K in FilterName]?: string | undefined };

const CUSTOM = /^custom\.[a-z][a-z0-9_]{0,39}(\.from|\.to)?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function isFilter(name: string): name is FilterName {
  return (PLAIN as readonly string[]).includes(name) || CUSTOM.test(name);
}

/** What does not fit is left out, never an error. */
export function readSearch(search: Record<string, unknown>): CustomersSearch {
  const view = Number(search.view);
  return { ...readFilters(search), ...(Number.isInteger(view) && view > 0 && { view }) };
}

export function readFilters(values: Record<string, unknown>): Filters {
  const filters: Filters = {};
  for (const [name, value] of Object.entries(values)) {
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    if (isFilter(name) && typeof text === 'string' && text !== '') filters[name] = text;
  }
  return filters;
}

/** The filters without what is no filter: the view's number, and the order. */
export function filtersOf(search: CustomersSearch): Filters {
  const { sort: _sort, ...filters } = readFilters(search);
  return filters;
}

/** Days are the business's days; the last one is meant whole. */
export function asked(filters: Filters, zone: string): Record<string, string> {
  const day = (name: string, text: string) => {
    if (!DAY.test(text)) return text;
    const isEnd = name.endsWith('_to') || name.endsWith('.to');
    if (name.startsWith('custom.')) return isEnd ? addDays(text, 1) : text;
    return momentOfDay(zone, isEnd ? addDays(text, 1) : text).toISOString();
  };
  return Object.fromEntries(
    (Object.entries(filters) as [string, string][]).map(([name, value]) => [
      name,
      /(_|\.)(from|to)$/.test(name) ? day(name, value) : value,
    ]),
  );
}

/** The same filters, in whatever order they were set. */
export function sameFilters(a: Filters, b: Filters): boolean {
  const text = (filters: Filters) => JSON.stringify(Object.entries(filters).sort());
  return text(a) === text(b);
}
