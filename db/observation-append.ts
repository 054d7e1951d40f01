// The write side of evidence: appends observations, never changes one. The same figure again is the same row; another
// value under the same key is a new revision beside the old one.

import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import { canonical } from '../domain/canonical.ts';
import type { Instant } from '../domain/duration.ts';
import type { Observation } from '../domain/evidence.ts';
import type { Db } from './connect.ts';
import type { Database } from './schema.ts';

/** Where observations belong, and when they came to be known, in thesis time. */
export interface Arrival {
  readonly thesisId: string;
  /** A source binding's id, `push` or `declared`: row keys are unique within it. */
  readonly source: string;
  readonly knownAt: Instant;
  /** The submission of declared evidence; null for what systems sent. */
  readonly submissionId?: string | null;
}

export interface Appended {
  /** Rows under a key that was not known before. */
  readonly accepted: number;
  /** Rows that said what is already known. */
  readonly unchanged: number;
  /** Rows that revised a known key. */
  readonly restated: number;
  /** Places in the list of rows whose key already belongs to another metric: they were not stored. */
  readonly conflicts: readonly number[];
}

/** Enough rows to make a statement worth its journey, few enough to keep its text small. */
const ROWS_A_STATEMENT = 1_000;

/** Appends all of the rows in one transaction, or none. Writers of one source wait for each other. */
export async function appendObservations(
  db: Db,
  arrival: Arrival,
  observations: readonly Observation[],
): Promise<Appended> {
  return await db.transaction().execute((trx) => appendWithin(trx, arrival, observations));
}

/** The same inside a transaction that also holds something else. */
export async function appendWithin(
  trx: Transaction<Database>,
  arrival: Arrival,
  observations: readonly Observation[],
): Promise<Appended> {
  // Two writers that both see revision 1 as the newest would both write revision 2.
  const lock = JSON.stringify(['observations', arrival.thesisId, arrival.source]);
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);
  let [accepted, restated] = [0, 0];
  const conflicts: number[] = [];
  let place = 0;
  for (const batch of batches(observations)) {
    const { rows } = await appendBatch(arrival, batch).execute(trx);
    accepted += rows[0]?.accepted ?? 0;
    restated += rows[0]?.restated ?? 0;
    for (const key of rows[0]?.conflicts ?? []) {
      conflicts.push(place + batch.findIndex(({ rowKey }) => rowKey === key));
    }
    place += batch.length;
  }
  const unchanged = observations.length - accepted - restated - conflicts.length;
  return { accepted, unchanged, restated, conflicts };
}

/** In order, cut where a key comes again: a statement sees the newest revision before it, not its own rows. */
function* batches(observations: readonly Observation[]): Generator<Observation[]> {
  let batch: Observation[] = [];
  let keys = new Set<string>();
  for (const observation of observations) {
    if (batch.length === ROWS_A_STATEMENT || keys.has(observation.rowKey)) {
      yield batch;
      [batch, keys] = [[], new Set()];
    }
    batch.push(observation);
    keys.add(observation.rowKey);
  }
  if (batch.length > 0) yield batch;
}

interface Counted {
  readonly accepted: number;
  readonly restated: number;
  readonly conflicts: string[];
}

/**
 * Compares each row with the newest revision of its key and appends it when it says something else. A revision is
 * never known earlier than the one it revises, whatever the order in which retries arrive.
 */
function appendBatch(
  { thesisId, source, knownAt, submissionId = null }: Arrival,
  observations: readonly Observation[],
) {
  return sql<Counted>`with
incoming as (
  select * from jsonb_to_recordset(${JSON.stringify(observations.map(incomingRow))}::jsonb) as row (
    row_key text, metric text, period_from timestamptz, period_to timestamptz, arm text, channel text, market text,
    n numeric, sum numeric, sum_squares numeric, covariate_sum numeric, covariate_sum_squares numeric,
    covariate_sum_of_products numeric, currency text, missing text, grade text, finality text, hash text)
),
compared as (
  select i.*, decode(i.hash, 'hex') as content_hash,
    coalesce(newest.revision, 0) + 1 as revision,
    greatest(${knownAt}::timestamptz, newest.known_at) as known_at,
    newest.metric is not null and newest.metric <> i.metric as conflicting,
    newest.content_hash is distinct from decode(i.hash, 'hex') as differs
  from incoming i
  left join lateral (
    select o.revision, o.metric, o.content_hash, o.known_at
    from observation o
    where o.thesis_id = ${thesisId} and o.source = ${source} and o.row_key = i.row_key
    order by o.revision desc limit 1
  ) newest on true
),
written as (
  insert into observation (thesis_id, source, row_key, revision, metric, period_from, period_to, arm, channel,
    market, n, sum, sum_squares, covariate_sum, covariate_sum_squares, covariate_sum_of_products, currency, missing,
    grade, finality, content_hash, submission_id, known_at)
  select ${thesisId}, ${source}, row_key, revision, metric, period_from, period_to, arm, channel,
    market, n, sum, sum_squares, covariate_sum, covariate_sum_squares, covariate_sum_of_products, currency, missing,
    grade, finality, content_hash, ${submissionId}::text, known_at
  from compared
  where differs and not conflicting
  returning revision
)
select
  (select count(*) from written where revision = 1)::int as accepted,
  (select count(*) from written where revision > 1)::int as restated,
  (select coalesce(array_agg(row_key), '{}') from compared where conflicting) as conflicts`;
}

function incomingRow(observation: Observation) {
  const { rowKey, metric, from, to, arm, channel, market, value, grade, finality } = observation;
  const sums = 'missing' in value ? null : value;
  return {
    row_key: rowKey,
    metric,
    period_from: from,
    period_to: to,
    arm,
    channel,
    market,
    n: sums?.n ?? null,
    sum: sums?.sum ?? null,
    sum_squares: sums?.sumSquares ?? null,
    covariate_sum: sums?.covariate?.sum ?? null,
    covariate_sum_squares: sums?.covariate?.sumSquares ?? null,
    covariate_sum_of_products: sums?.covariate?.sumOfProducts ?? null,
    currency: sums?.currency ?? null,
    missing: 'missing' in value ? value.missing : null,
    grade,
    finality,
    hash: createHash('sha256')
      .update(canonical({ metric, from, to, arm, channel, market, value, grade, finality }))
      .digest('hex'),
  };
}
