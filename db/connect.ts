// Opens the pool. Decides how PostgreSQL's types read: instants as ISO text in UTC, numerics as decimal text.

import { Kysely, PostgresDialect } from 'kysely';
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
  options: { readonly poolSize?: number; readonly name?: string } = {},
): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 10,
    application_name: options.name ?? 'jalon',
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser: (oid, format) => readers[oid] ?? pg.types.getTypeParser(oid, format) },
  });
  // An idle connection that PostgreSQL drops must not end the process: the next query opens another.
  pool.on('error', () => undefined);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** `12.3400000000` reads `12.34`: numeric(30,10) pads, and decimals compare as text. */
function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
