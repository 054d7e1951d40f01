// Access: keys that carry fewer roles than their member and change their secret without a gap, members known to an
// identity provider, and the count of failed attempts that all API processes share.

import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `alter table api_key
    add column roles text[],
    add column rotated_at timestamptz,
    add column previous_hash bytea,
    add column previous_until timestamptz`,
  `alter table member add column subject text unique`,
  // Unlogged: losing the counts in a crash costs a guesser's delay and nothing else. Columns and their order are those
  // that rate-limiter-flexible writes.
  `create unlogged table failed_attempt (
    key varchar(255) primary key,
    points integer not null default 0,
    expire bigint
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
