/** What went wrong with a request, as the server tells it (problem+json), or that it could not be reached. */
import type { components } from './schema.gen';

type Document = Partial<components['schemas']['Problem']> & {
  /** With `duplicate_phone`: who has it. */
  existing_id?: number;
};

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly fields: ReadonlyMap<string, string>;
  readonly document: Document;

  constructor(status: number, document: Document, requestId: string | null) {
    super(document.detail ?? document.title ?? `HTTP ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = document.error ?? (status === 0 ? 'offline' : `http_${status}`);
    this.requestId = document.request_id ?? requestId;
    this.fields = new Map((document.errors ?? []).map((error) => [error.field, error.code]));
    this.document = document;
  }

  /** The fault is the server's: whoever reports it needs the number of the request. */
  get isOurs(): boolean {
    return this.status >= 500;
  }

  static offline(): ApiProblem {
    return new ApiProblem(0, { error: 'offline' }, null);
  }
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code);
}
