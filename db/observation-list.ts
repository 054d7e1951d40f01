// Lists observations one by one, newest revision of each as known at an instant, with who declared them.

import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import type { EvidenceGrade, Finality, ObservedCovariate } from '../domain/evidence.ts';
import type { DecimalText } from '../domain/money.ts';
import { GATED_STAGES, type GatedStage } from '../domain/stage.ts';
import type { Db } from './connect.ts';
import { seenRows } from './observations.ts';

export interface ListedObservation {
  readonly id: string;
  readonly source: string;
  readonly rowKey: string;
  readonly revision: number;
  readonly metric: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly arm: string | null;
  readonly channel: string | null;
  readonly market: string | null;
  readonly n: DecimalText | null;
  readonly sum: DecimalText | null;
  readonly sumSquares: DecimalText | null;
  readonly covariate: ObservedCovariate | null;
  readonly currency: string | null;
  readonly missing: string | null;
  readonly grade: EvidenceGrade;
  readonly finality: Finality;
  readonly knownAt: Instant;
  readonly submission: {
    readonly id: string;
    readonly author: string;
    readonly method: string;
    readonly notes: string;
  } | null;
}

export interface ObservationFilter {
  readonly thesisId: string;
  /** Thesis time. */
  readonly knownAt: Instant;
  /** Only what a read-out of the stage would see at `knownAt`; null: all that was known, of whatever period. */
  readonly stage: GatedStage | null;
  readonly metric: string | null;
  readonly source: string | null;
}

/** Observations, the latest stored first, below the id of the page before. */
export async function listObservations(
  db: Db,
  filter: ObservationFilter,
  page: { readonly below: string | null; readonly limit: number },
): Promise<ListedObservation[]> {
  const { rows } = await sql<ListedObservation>`with
${rowsOf(filter)}
select observation_id as id, source, row_key as "rowKey", revision, metric, period_from as "from", period_to as "to",
    arm, channel, market, n, sum, sum_squares as "sumSquares",
    case when covariate_sum is not null then jsonb_build_object(
      'sum', trim_scale(covariate_sum)::text, 'sumSquares', trim_scale(covariate_sum_squares)::text,
      'sumOfProducts', trim_scale(covariate_sum_of_products)::text) end as covariate,
    currency, missing, grade, finality,
    seen.known_at as "knownAt",
    case when s.submission_id is not null then jsonb_build_object(
      'id', s.submission_id, 'author', s.author, 'method', s.method, 'notes', s.notes) end as submission
from seen
left join submission s on s.submission_id = seen.submission_id
where (${filter.metric}::text is null or metric = ${filter.metric})
  and (${filter.source}::text is null or source = ${filter.source})
  and (${page.below}::bigint is null or observation_id < ${page.below}::bigint)
order by observation_id desc
limit ${page.limit}`.execute(db);
  return rows;
}

/** The gated stage that the thesis is in, or was in last before its retex. */
export async function lastGatedStage(db: Db, thesisId: string): Promise<GatedStage> {
  const row = await db
    .selectFrom('stage_window')
    .select('stage')
    .where('thesis_id', '=', thesisId)
    .where('stage', 'in', [...GATED_STAGES])
    .orderBy('entered_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return GATED_STAGES.find((stage) => stage === row?.stage) ?? 'detect';
}

function rowsOf({ thesisId, knownAt, stage }: ObservationFilter): RawBuilder<unknown> {
  if (stage !== null) return seenRows({ thesisId, stage, asOf: knownAt });
  return sql`seen as (
  select o.*
  from observation o
  where o.thesis_id = ${thesisId} and o.known_at <= ${knownAt}
    and not exists (
      select from observation newer
      where newer.thesis_id = o.thesis_id and newer.source = o.source and newer.row_key = o.row_key
        and newer.revision > o.revision and newer.known_at <= ${knownAt}
    )
)`;
}
