// A connection to a customer's system, without its secret: settings and queries. The secret lives encrypted beside the
// settings and appears in no type that is shown.

import type { Duration } from './duration.ts';
import type { EvidenceGrade } from './evidence.ts';
import type { Metric } from './metric.ts';

export const CONNECTION_KINDS = ['warehouse'] as const;

export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** `verified` checks the server's certificate; `encrypted` does not; `off` is for one's own machine. */
export const TLS_MODES = ['verified', 'encrypted', 'off'] as const;

type TlsMode = (typeof TLS_MODES)[number];

/** A PostgreSQL that holds figures. The password is its secret. */
export interface WarehouseSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly tls: TlsMode;
  /** The longest that one read of a page may take: at most PT10M. */
  readonly statementTimeout: Duration;
  /** The most rows that one query may give: beyond it nothing is taken, rather than a part. */
  readonly rowCap: number;
}

export const WAREHOUSE_DEFAULTS = {
  port: 5432,
  tls: 'verified',
  statementTimeout: 'PT30S',
  rowCap: 100_000,
} as const satisfies Partial<WarehouseSettings>;

/** One SQL text for one metric, with `:from`, `:to` and named parameters of its own. */
export interface ConnectionQuery {
  readonly metric: Metric;
  readonly sql: string;
  /** Names that each thesis gives a value to; absent: whichever the SQL names. */
  readonly parameters?: readonly string[];
  /** How far its figures may be trusted; absent: `attributed`. */
  readonly grade?: EvidenceGrade;
}

export interface Connection {
  readonly name: string;
  readonly kind: ConnectionKind;
  readonly settings: WarehouseSettings;
  readonly queries: readonly ConnectionQuery[];
}
