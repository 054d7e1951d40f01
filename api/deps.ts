// What the API is given to work with. It makes none of these itself: the composition root does, and so do tests.

import type { Logger } from 'pino';
import type { Db } from '../db/connect.ts';
import type { Connection, ConnectionQuery } from '../domain/connection.ts';
import type { BusinessCalendar } from '../domain/gate.ts';
import type { FieldError } from '../domain/refusal.ts';
import type { SourceBinding } from '../domain/thesis.ts';
import type { EventPolicy } from './events.ts';
import type { OidcReader } from './oidc.ts';
import type { OperationDeps } from './operation-deps.ts';
import type { ThesesPort } from './theses-port.ts';

/** Encrypts what must be kept but never shown again. */
export interface SecretBox {
  seal(plain: string): Buffer;
}

/** What the process needs in order to serve, and whether it answers. */
export interface Readiness {
  readonly ready: boolean;
  /** One line a dependency: `ok`, or what is wrong in words fit for anybody. */
  readonly checks: Readonly<Record<string, string>>;
}

/** How callers are told apart and held back. */
export interface AccessPolicy {
  /** Reads tokens of the identity provider; null: only API keys come in. */
  readonly oidc: OidcReader | null;
  /** How many proxies of ours stand in front, each appending to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** A minute, a credential and a process; 0: no limit. */
  readonly requestsPerMinute: number;
  /** Failed attempts with one key from one address in a quarter of an hour. */
  readonly failedAttempts: number;
}

/** What setting up a webhook needs of the world. */
export interface WebhookChecks {
  /** What is wrong with an address for webhooks; null: nothing, as far as can be told now. */
  targetFault(url: string): Promise<string | null>;
  newSecret(): string;
}

export interface ApiDeps {
  readonly db: Db;
  readonly theses: ThesesPort;
  /** Thesis time per real time for new theses: 1, or more in a rehearsal. */
  readonly clockRate: number;
  readonly secretBox: SecretBox;
  readonly access: AccessPolicy;
  readonly log: Logger;
  readonly now: () => Date;
  /** Whether a calendar can be worked with; paths are relative to the calendar. */
  readonly checkCalendar: (calendar: BusinessCalendar) => FieldError[];
  /** Whether queries are safe and complete; paths are relative to the list: `[0].sql`. */
  readonly checkQueries: (queries: readonly ConnectionQuery[]) => FieldError[];
  /** Whether a source can be pulled through its connection; paths are relative to the source. */
  readonly checkBinding: (binding: SourceBinding, connection: Connection) => FieldError[];
  readonly webhooks: WebhookChecks;
  readonly readiness: () => Promise<Readiness>;
  /** How streams of events are served; what is absent has its default. */
  readonly events?: Partial<EventPolicy>;
  /** What operators see; absent: nothing. */
  readonly operation?: OperationDeps;
}
