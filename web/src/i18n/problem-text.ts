/** A problem in plain words: what happened, what was kept, what to do. */
import type { TFunction } from 'i18next';
import { ApiProblem } from '@/api/problem';

const BY_CODE = {
  offline: 'problems.offline',
  forbidden: 'problems.forbidden',
  module_disabled: 'problems.moduleDisabled',
  not_found: 'problems.notFound',
  duplicate_phone: 'problems.duplicatePhone',
  claimed: 'problems.claimed',
  provider_not_configured: 'problems.notConfigured',
  user_phone_missing: 'problems.userPhoneMissing',
  call_ended: 'problems.callOver',
  not_live: 'problems.callOver',
  too_many_calls: 'problems.tooManyCalls',
  customer_phone_missing: 'problems.customerPhoneMissing',
  no_number: 'problems.noNumber',
  do_not_contact: 'problems.doNotContact',
  missing_field: 'problems.missing',
  name_required: 'problems.missing',
  last_owner: 'problems.lastOwner',
  email_exists: 'problems.duplicateEmail',
  name_exists: 'problems.nameTaken',
  not_licensed: 'problems.notLicensed',
  number_taken: 'problems.numberTaken',
  impersonating: 'problems.impersonating',
  impersonation_ended: 'problems.impersonationEnded',
} as const;

const BY_STATUS = {
  400: 'problems.invalid',
  403: 'problems.forbidden',
  404: 'problems.notFound',
  412: 'problems.stale',
  422: 'problems.invalid',
  429: 'problems.limited',
  500: 'problems.server',
  501: 'problems.notConfigured',
  502: 'problems.provider',
  503: 'problems.unavailable',
  504: 'problems.provider',
} as const;

export function problemText(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiProblem)) return t('problems.unknown');
  const key =
    BY_CODE[error.code as keyof typeof BY_CODE] ??
    BY_STATUS[error.status as keyof typeof BY_STATUS] ??
    'problems.unknown';
  return t(key);
}

const FIELD_CODES: Record<string, 'problems.phoneInvalid' | 'problems.emailInvalid'> = {
  phone: 'problems.phoneInvalid',
  transfer_to: 'problems.phoneInvalid',
  email: 'problems.emailInvalid',
};

/** Codes that say the same at every field. */
const CODES = {
  required: 'common.required',
  too_long: 'problems.tooLong',
  invalid_tax_id: 'problems.taxIdInvalid',
  invalid_phone: 'problems.phoneInvalid',
  too_short: 'auth.passwordShort',
  too_common: 'auth.passwordWeak',
  is_email: 'auth.passwordWeak',
  wrong: 'problems.wrongPassword',
  wrong_code: 'problems.wrongCode',
} as const;

/** The message beside a field that the server did not accept, if it named the field. */
export function fieldText(t: TFunction, error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const code = error.fields.get(field);
  if (code === undefined) return undefined;
  return t(CODES[code as keyof typeof CODES] ?? FIELD_CODES[field] ?? 'problems.invalidField');
}
