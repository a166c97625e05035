/** The parts of the business's settings, as they stand in the address. */
export const SECTIONS = [
  'details',
  'hours',
  'calls',
  'number',
  'whatsapp',
  'customers',
  'team',
  'access',
  'deals',
  'modules',
  'keys',
  'audit',
  'export',
  'security',
] as const;
export type Section = (typeof SECTIONS)[number];

export function sectionOf(search: Record<string, unknown>): { section?: Section } {
  const section = SECTIONS.find((name) => name === search.section);
  return section ? { section } : {};
}
