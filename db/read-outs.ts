// Keeps every read-out whole: what was summed, what was computed, what each criterion said.

import type { UnitEconomics } from '../domain/economics.ts';
import type { EvidenceTable } from '../domain/evidence.ts';
import type { ExperimentReadOut } from '../domain/experiment.ts';
import type { ReadOutDigest } from '../domain/thesis.ts';
import type { Db } from './connect.ts';

export interface ReadOutBody {
  readonly digest: ReadOutDigest;
  readonly table: EvidenceTable;
  readonly economics: UnitEconomics;
  readonly experiment: ExperimentReadOut | null;
  readonly error: string | null;
}

interface ReadOutKey {
  readonly thesisId: string;
  readonly stage: string;
  readonly round: number;
  readonly at: string;
}

/** The same read-out again changes nothing: its key is the moment it speaks of. */
export async function saveReadOut(db: Db, key: ReadOutKey, body: ReadOutBody): Promise<void> {
  const { thesisId, stage, round, at } = key;
  await db
    .insertInto('read_out')
    .values({ thesis_id: thesisId, stage, round, at, body: JSON.stringify(body) })
    .onConflict((conflict) => conflict.columns(['thesis_id', 'stage', 'round', 'at']).doNothing())
    .execute();
}

/** The read-out at that moment, or the newest of the stage when `at` is null. */
export async function findReadOut(
  db: Db,
  {
    thesisId,
    stage,
    round,
    at,
  }: Omit<ReadOutKey, 'at' | 'round'> & { round: number | null; at: string | null },
): Promise<(ReadOutBody & { at: string; round: number }) | undefined> {
  let query = db
    .selectFrom('read_out')
    .select(['body', 'at', 'round'])
    .where('thesis_id', '=', thesisId)
    .where('stage', '=', stage);
  if (round !== null) query = query.where('round', '=', round);
  if (at !== null) query = query.where('at', '=', at);
  const row = await query.orderBy('round', 'desc').orderBy('at', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? undefined : { ...row.body, at: row.at, round: row.round };
}
