/** Rows of a file that were not taken, in words. */
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';

export interface BadRow {
  row: number;
  /** What the row holds, by the file's columns. */
  cells: readonly string[];
  /** What is wrong with it: «טלפון: זה אינו מספר טלפון». */
  reasons: string[];
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

/** Each row once, with all that is wrong with it; of several values of one cell that is said once. */
export function useBadRows(run: Import, fieldName: (field: string) => string): BadRow[] {
  const { t } = useTranslation();
  const rows = new Map<number, BadRow>();
  for (const { row, field, code, cells } of run.errors) {
    const bad = rows.get(row) ?? { row, cells, reasons: [] };
    const reason = `${fieldName(field)}: ${reasonOf(t, code)}`;
    if (!bad.reasons.includes(reason)) bad.reasons.push(reason);
    rows.set(row, bad);
  }
  return [...rows.values()];
}

const BYTE_ORDER_MARK = '\ufeff';

/**
 * As a file that a spreadsheet opens, with the columns of the one that was brought in, so that it can be mended and brought
 * in again: UTF-8 with a mark, CRLF, cells that look like formulas made harmless.
 */
export function badRowsFile(
  columns: readonly string[],
  { line, reason }: { line: string; reason: string },
  rows: readonly BadRow[],
): string {
  const lines = rows.map(({ row, cells, reasons }) => [
    ...columns.map((_, at) => cells[at] ?? ''),
    String(row),
    reasons.join('; '),
  ]);
  return BYTE_ORDER_MARK + [[...columns, line, reason], ...lines].map(asLine).join('');
}

const asLine = (cells: readonly string[]) => `${cells.map(cell).join(',')}\r\n`;

function cell(text: string): string {
  const harmless = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
