import { useTranslation } from 'react-i18next';
import { ApiProblem } from '@/api/problem';

const CODES = [
  'empty_file',
  'too_many_rows',
  'too_large',
  'nobody_named',
  'field_taken',
  'import_in_use',
  'too_late',
] as const;
type Code = (typeof CODES)[number];

const isKnown = (code: string): code is Code => (CODES as readonly string[]).includes(code);

/** Why a file, or what was asked with it, is not taken: in words, where the reason is one of its own. */
export function useRefusedFile(error: unknown): string | undefined {
  const { t } = useTranslation();
  if (!(error instanceof ApiProblem)) return undefined;
  const code = [...error.fields.values(), error.code].find(isKnown);
  if (code) return t(`imports.refused.${code}`);
  return error.fields.has('file') ? t('imports.refused.unreadable') : undefined;
}
