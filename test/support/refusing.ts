// A PostgreSQL that refuses writes, as a full disk or a failover makes it: every write to the tables named fails with the
// SQLSTATE given, until it is mended. Nothing of the machine is filled.

import { sql } from 'kysely';
import type { Db } from '../../db/connect.ts';

export interface Refusal {
  /** The SQLSTATE to fail with. */
  readonly code: string;
  readonly tables: readonly string[];
  /** Writes to each table that still succeed, counted over all connections; absent: none. */
  readonly after?: number;
}

/** Begins to refuse; the function returned ends it. */
export async function refuseWrites(
  db: Db,
  { code, tables, after = 0 }: Refusal,
): Promise<() => Promise<void>> {
  // A sequence is not rolled back: it counts attempts, whatever becomes of their transactions. The function is its
  // maker's, for whoever writes may not use the sequence.
  await sql`create sequence refused_write`.execute(db);
  await sql
    .raw(`create function refuse_write() returns trigger language plpgsql security definer as $$
      begin
        if nextval('refused_write') > ${after} then
          raise exception 'could not extend file: No space left on device' using errcode = '${code}';
        end if;
        return null;
      end $$`)
    .execute(db);
  for (const table of tables) {
    await sql
      .raw(`create trigger a_refused_write before insert or update or delete on ${table}
        for each statement execute function refuse_write()`)
      .execute(db);
  }
  return async () => {
    await sql`drop function refuse_write cascade`.execute(db);
    await sql`drop sequence refused_write`.execute(db);
  };
}
