/**
 * The one client of the server. Its types come from the OpenAPI document; nobody calls `fetch` for JSON elsewhere.
 * A request that finds the access cookie expired renews it once, together with all others that wait for it.
 */
import createClient from 'openapi-fetch';
import { endSession, sessionIsOver } from './over';
import { ApiProblem } from './problem';
import type { paths } from './schema.gen';

let renewal: Promise<boolean> | null = null;

/** One window after the other: a token that two send at once would look stolen. */
async function inTurn(renew: () => Promise<Response>): Promise<Response> {
  return 'locks' in navigator ? await navigator.locks.request('session', renew) : renew();
}

export function renewSession(): Promise<boolean> {
  return sessionIsOver() ? Promise.resolve(false) : signedInAgain();
}

/** Renews the session though it was over: somebody may have signed in again, in another window. */
export function signedInAgain(): Promise<boolean> {
  renewal ??= inTurn(() => fetch('/api/auth/refresh', { method: 'POST' }))
    .then((answer) => {
      if (answer.status === 401) endSession();
      return answer.ok;
    })
    .catch(() => false)
    .finally(() => {
      renewal = null;
    });
  return renewal;
}

const SIGN_IN = /\/api\/(auth\/(login|refresh|logout|invite\/[^/]+|password\/(forgot|reset))|setup)$/;

async function signedInFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await fetch(request);
  if (answer.status !== 401 || SIGN_IN.test(new URL(request.url).pathname)) return answer;
  return (await renewSession()) ? fetch(again) : answer;
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: signedInFetch });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer; anything but success is thrown as an `ApiProblem`. */
export async function take<T>(request: Promise<Answer<T>>): Promise<T> {
  return (await takeWithTag(request)).body;
}

/** As `take`, with the record's version for `If-Match`. */
export async function takeWithTag<T>(request: Promise<Answer<T>>): Promise<{ body: T; etag: string | null }> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw ApiProblem.offline();
  }
  const { response, error, data } = answer;
  if (response.ok) return { body: data as T, etag: response.headers.get('ETag') };
  const document = typeof error === 'object' && error !== null ? error : {};
  throw new ApiProblem(response.status, document, response.headers.get('X-Request-ID'));
}

/** Values of a query as the text that they travel as. */
export function asQuery<T extends object>(values: T): { [K in keyof T]: string } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)])) as {
    [K in keyof T]: string;
  };
}

/** A body's object whose names the API leaves open. */
export function open(values: object): Record<string, never> {
  return values as Record<string, never>;
}
