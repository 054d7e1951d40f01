// Records events as the ledger does, in the feed's order, without a workflow behind them: for tests of those who follow.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../db/connect.ts';

/** Records one event of a thesis; waits at `before` with everything written and nothing committed. */
export function record(
  db: Db,
  thesisId: string,
  sequence: number,
  before: () => Promise<void> = async () => undefined,
): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const row = { thesis_id: thesisId, sequence, type: 'StageEntered', at: '2026-09-01T00:00:00.000Z' };
    const hashes = { previous_hash: Buffer.alloc(32), hash: hashOf(thesisId, sequence) };
    const data = JSON.stringify({ type: 'StageEntered', stage: 'detect' });
    await trx
      .insertInto('thesis_event')
      .values({ ...row, ...hashes, actor: 'jalon', command_id: null, data })
      .execute();
    await before();
  });
}

/** Events of a thesis at once, each with a reason of so many characters. */
export async function recordMany(db: Db, thesisId: string, count: number, length: number): Promise<void> {
  await sql`insert into thesis_event
      (thesis_id, sequence, type, at, actor, command_id, data, previous_hash, hash)
    select ${thesisId}, number, 'RampHeld', '2026-09-01', 'jalon', null,
      jsonb_build_object('type', 'RampHeld', 'step', number, 'reason', repeat('x', ${length}::int)),
      ''::bytea, ''::bytea
    from generate_series(1, ${count}::int) as number`.execute(db);
}

/** Another hash for each event, as in the ledger; what it is made of does not matter to those who follow. */
export function hashOf(thesisId: string, sequence: number): Buffer {
  return createHash('sha256').update(`${thesisId}/${sequence}`).digest();
}
