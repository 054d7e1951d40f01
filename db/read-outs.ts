// Keeps every read-out whole: what was summed, what was computed, what each criterion said. Reads them back one by
// one, or as a list of what they said.

import { sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import type { IncrementalEconomics } from '../domain/economics/incremental.ts';
import type { UnitEconomics } from '../domain/economics.ts';
import type { EvidenceTable } from '../domain/evidence.ts';
import type { ExperimentReadOut } from '../domain/experiment.ts';
import type { IncrementalityReadOut } from '../domain/incrementality.ts';
import type { Signal } from '../domain/signals.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { ReadOutDigest } from '../domain/thesis.ts';
import type { Db } from './connect.ts';

export interface ReadOutBody {
  readonly digest: ReadOutDigest;
  readonly table: EvidenceTable;
  readonly economics: UnitEconomics;
  /** What the stage's experiment added, beside the observed figures; null without arms to compare. */
  readonly incremental: IncrementalEconomics | null;
  readonly experiment: ExperimentReadOut | null;
  /** Of a holdout, or of a test of markets or of days: its increment, at its end. */
  readonly incrementality: IncrementalityReadOut | null;
  /** What stands out in the daily counts; decides nothing. */
  readonly signals: readonly Signal[];
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

/** The newest read-out of the thesis, whatever its stage. */
export async function latestStage(db: Db, thesisId: string): Promise<string | null> {
  const row = await db
    .selectFrom('read_out')
    .select('stage')
    .where('thesis_id', '=', thesisId)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.stage ?? null;
}

/** What a read-out said, without the evidence behind it. */
export interface ReadOutSummary {
  readonly stage: string;
  readonly round: number;
  readonly at: Instant;
  readonly digest: ReadOutDigest;
  /** How many signals stood out. */
  readonly signals: number;
}

/** Where a page of read-outs ended: its last row's moment, stage and round. */
type ReadOutKeyset = readonly [at: Instant, stage: string, round: number];

/** The read-outs of a thesis, newest first. */
export async function listReadOuts(
  db: Db,
  { thesisId, stage }: { readonly thesisId: string; readonly stage: GatedStage | null },
  { after, limit }: { readonly after: ReadOutKeyset | null; readonly limit: number },
): Promise<ReadOutSummary[]> {
  let query = db
    .selectFrom('read_out')
    .select(({ ref }) => [
      'stage',
      'round',
      'at',
      sql<ReadOutDigest>`${ref('body')} -> 'digest'`.as('digest'),
      sql<number>`jsonb_array_length(${ref('body')} -> 'signals')`.as('signals'),
    ])
    .where('thesis_id', '=', thesisId);
  if (stage !== null) query = query.where('stage', '=', stage);
  if (after !== null) {
    const [at, name, round] = after;
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at', 'stage', 'round'), '<', tuple(at, name, round)),
    );
  }
  return await query
    .orderBy('at', 'desc')
    .orderBy('stage', 'desc')
    .orderBy('round', 'desc')
    .limit(limit)
    .execute();
}

/** The incremental figures in each stage's last read-out by `knownAt`, in thesis time; null: the last of all. */
export function incrementalByStage(thesisId: string, knownAt: Instant | null) {
  return sql<Readonly<Partial<Record<string, IncrementalEconomics | null>>> | null>`(
select jsonb_object_agg(stages.stage, newest.incremental)
from (select distinct stage from stage_window where thesis_id = ${thesisId}) stages
cross join lateral (
  select body -> 'incremental' as incremental from read_out o
  where o.thesis_id = ${thesisId} and o.stage = stages.stage
    and (${knownAt}::timestamptz is null or o.at <= ${knownAt}::timestamptz)
  order by round desc, at desc
  limit 1
) newest)`;
}
