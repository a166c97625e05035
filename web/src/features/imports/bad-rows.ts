/** Rows of a file that were not taken, in words. */
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';

export interface BadRow {
  row: number;
  field: string;
  reason: string;
}

const REASONS = [
  'name_required',
  'unknown_user',
  'invalid_phone',
  'invalid_email',
  'invalid_tax_id',
  'unknown_status',
  'unknown_field',
  'duplicate_phone',
  'too_long',
  'too_many',
  'wrong_type',
] as const;

function reasonOf(t: TFunction, code: string): string {
  const known = REASONS.find((reason) => reason === code);
  return t(known ? `imports.reason.${known}` : 'imports.reason.other');
}

/** What is wrong with several values of one cell is said once. */
export function useBadRows(run: Import, fieldName: (field: string) => string): BadRow[] {
  const { t } = useTranslation();
  const told = run.errors.map(({ row, field, code }) => ({
    row,
    field: fieldName(field),
    reason: reasonOf(t, code),
  }));
  return [...new Map(told.map((bad) => [keyOf(bad), bad])).values()];
}

export const keyOf = ({ row, field, reason }: BadRow) => `${row} ${field} ${reason}`;

const BYTE_ORDER_MARK = '\ufeff';

/** As a file that a spreadsheet opens: UTF-8 with a mark, CRLF, cells that look like formulas made harmless. */
export function badRowsFile(headings: readonly string[], rows: readonly BadRow[]): string {
  const cells = rows.map(({ row, field, reason }) => [String(row), field, reason]);
  return BYTE_ORDER_MARK + [headings, ...cells].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
