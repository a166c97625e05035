/** Short names for the records of the API. The shapes themselves are generated. */
import type { components, paths } from './schema.gen';

type Schemas = components['schemas'];

export type Session = Schemas['Me'];
export type User = Schemas['User'];
export type Customer = Schemas['Customer'];
export type CustomerCreate = Schemas['CustomerBody'];
export type CustomerPatch = Schemas['CustomerBody'];
export type CustomerStatusRow = Schemas['CustomerStatus'];
export type OwnField = Schemas['CustomField'];
export type SavedView = Schemas['View'];
export type Bulk = Schemas['Bulk'];
export type Import = Schemas['Import'];
export type ImportPreview = Schemas['Preview'];
export type Note = Schemas['Note'];
export type Archive = Schemas['Export'];
export type Call = Schemas['CallRow'];
export type CallDetail = Schemas['Call'];
export type Turn = Schemas['CallTurn'];
export type Waiting = Schemas['WaitingCaller'];
export type Task = Schemas['Task'];
export type TaskCreate = Schemas['TaskBody'];
export type Snooze = Schemas['SnoozeBody'];
export type Notification = Schemas['Listed_Notification']['results'][number];
export type Ways = Schemas['Ways'];
export type TimelineItem = Schemas['TimelineItem'];
export type TestCall = Schemas['TestCall'];

export type Engines = Schemas['Engines'];
export type Settings = Schemas['BusinessSettings'];
export type SettingsChange =
  paths['/api/businesses/{id}/settings']['patch']['requestBody']['content']['application/json'];
export type Modules = Schemas['BusinessModules'];
export type Legal = Schemas['BusinessLegal'];
export type Sabbath = Schemas['BusinessShabbat'];
export type SpecialDay = Schemas['RuledDay'];
export type ApiKey = Schemas['ApiKey'];
export type SignedIn = Schemas['Session'];

export type SinceClosing = Schemas['SinceClosing'];
export type StatsOverview = Schemas['StatsOverview'];
export type Deal = Schemas['Deal'];
export type DealBody = Schemas['DealBody'];
export type DealBoard = Schemas['DealBoard'];
export type DealForecast = Schemas['DealForecast'];
export type Pipeline = Schemas['Pipeline'];
export type Amount = Schemas['DealAmount'];

export type Business = Schemas['Business'];
export type AuditRow = Schemas['AuditRow'];
export type PlatformStats = Schemas['PlatformStats'];
export type DeadJob = Schemas['DeadJob'];
export type Engine = Schemas['Engine'];

export type Thread = Schemas['Thread'];
export type ThreadChange = Schemas['ThreadBody'];
export type Message = Schemas['Message'];
export type MessageFile = Schemas['MessageFile'];
export type ThreadNote = Schemas['ThreadNote'];
export type SentMessage = Schemas['SentMessage'];
export type CannedReply = Schemas['CannedReply'];
export type MessageTemplate = Schemas['MessageTemplate'];
export type CarrierStatus = Schemas['WhatsappProviderStatus'];
export type AnswerPolicy = NonNullable<Schemas['WhatsappChoices']['answer_policy']>;

/** A page of any list. */
export interface Listed<T> {
  results: T[];
  page: number;
  pages: number;
  total: number;
  limit: number;
  next_cursor?: string | null;
  /** Nothing was found as it was typed; this is what these were found by. */
  did_you_mean?: string | null;
}
