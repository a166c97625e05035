/** Short names for the records of the API. The shapes themselves are generated. */
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Session = Schemas['Me'];
export type User = Schemas['User'];
export type Customer = Schemas['Customer'];
export type CustomerCreate = Schemas['CustomerBody'];
export type CustomerStatus = NonNullable<Schemas['CustomerBody']['status']>;
export type CustomerPatch = Schemas['CustomerBody'];
export type Call = Schemas['CallRow'];
export type CallDetail = Schemas['Call'];
export type Turn = Schemas['CallTurn'];
export type Waiting = Schemas['WaitingCaller'];
export type Task = Schemas['Task'];
export type TaskCreate = Schemas['TaskBody'];
export type TimelineItem = Schemas['TimelineItem'];
export type TestCall = Schemas['TestCall'];

/** A page of any list. */
export interface Listed<T> {
  results: T[];
  page: number;
  pages: number;
  total: number;
  limit: number;
  next_cursor?: string | null;
}
