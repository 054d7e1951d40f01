// Counts in PostgreSQL what all processes of the API count together, in a window of time, with the library's own
// statement. Whoever is over is refused from memory and writes nothing more.

import { CompiledQuery } from 'kysely';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { Db } from '../db/connect.ts';

export interface CounterSettings {
  readonly table: 'failed_attempt' | 'request_count';
  /** Keeps the keys of two counters in one table apart. */
  readonly keyPrefix: string;
  /** How many are allowed in the window. */
  readonly points: number;
  readonly windowSeconds: number;
}

export function sharedCounter(db: Db, settings: CounterSettings): RateLimiterPostgres {
  const { table, keyPrefix, points, windowSeconds } = settings;
  return new RateLimiterPostgres({
    // The library asks for `query` only, and for an answer as node-postgres gives it.
    storeClient: {
      query: async ({ text, values }: { text: string; values: unknown[] }) => {
        const { rows } = await db.executeQuery(CompiledQuery.raw(text, values));
        return { rows, rowCount: rows.length };
      },
    },
    storeType: 'client',
    tableName: table,
    tableCreated: true,
    keyPrefix,
    points,
    duration: windowSeconds,
    inMemoryBlockOnConsumed: points + 1,
  });
}
