// Opens the pool. Decides how PostgreSQL's types read: instants as ISO text in UTC, numerics as decimal text.

import { Kysely, type LogEvent, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;

const { builtins } = pg.types;

const readers: Record<number, (text: string) => unknown> = {
  [builtins.TIMESTAMPTZ]: (text) => new Date(text).toISOString(),
  [builtins.DATE]: (text) => text,
  [builtins.INT8]: (text) => text,
  [builtins.NUMERIC]: plainDecimal,
};

/** A pool on one database. The caller ends it with `destroy()`. */
export function connect(
  url: string,
  options: {
    readonly poolSize?: number;
    readonly name?: string;
    /** Told of every query when it is over; what it throws ends the query's caller. */
    readonly onQuery?: (event: LogEvent) => void;
  } = {},
): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 10,
    application_name: options.name ?? 'jalon',
    connectionTimeoutMillis: 5_000,
    // After a failover a connection may still lead to a server that only reads: none outlives it for long.
    maxLifetimeSeconds: 300,
    types: { getTypeParser: (oid, format) => readers[oid] ?? pg.types.getTypeParser(oid, format) },
  });
  // A connection that PostgreSQL drops must not end the process: the next query opens another. While it is idle the
  // pool tells; while it is in use the connection itself does, beside the query that fails.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const { onQuery } = options;
  const dialect = new PostgresDialect({ pool });
  return new Kysely<Database>(onQuery === undefined ? { dialect } : { dialect, log: onQuery });
}

/** `12.3400000000` reads `12.34`: numeric(30,10) pads, and decimals compare as text. */
function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
