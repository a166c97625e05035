/** The parts of the administration and what narrows their lists, as they stand in the address. */
import { optionalId, optionalInteger, optionalText } from './search';

export const ADMIN_SECTIONS = [
  'overview',
  'businesses',
  'people',
  'texts',
  'audit',
  'jobs',
  'health',
] as const;
export type AdminSection = (typeof ADMIN_SECTIONS)[number];

export function adminPlace(search: Record<string, unknown>) {
  const section = ADMIN_SECTIONS.find((name) => name === search.section);
  return {
    ...(section && { section }),
    ...optionalText(search, 'q'),
    ...optionalText(search, 'sort'),
    ...optionalText(search, 'role'),
    ...optionalId(search, 'business'),
    ...(search.gone === true && { gone: true as const }),
    ...optionalInteger(search, 'page'),
  };
}

export type AdminPlace = ReturnType<typeof adminPlace>;
