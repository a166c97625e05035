/** The parts of the business's settings, as they stand in the address. */
export const SECTIONS = [
  'details',
  'hours',
  'calls',
  'customers',
  'team',
  'access',
  'modules',
  'keys',
  'export',
  'security',
] as const;
export type Section = (typeof SECTIONS)[number];

export function sectionOf(search: Record<string, unknown>): { section?: Section } {
  const section = SECTIONS.find((name) => name === search.section);
  return section ? { section } : {};
}
