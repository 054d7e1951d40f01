// The read side of evidence: sums by metric and arm of what a stage observed, as known at an instant. PostgreSQL adds;
// nothing is averaged, and two currencies are never added.

import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import { ALL_ARMS, EVIDENCE_GRADES, type EvidenceCell, type EvidenceTable } from '../domain/evidence.ts';
import type { DailySums } from '../domain/experiment/data.ts';
import { METRIC_NAMES, METRICS, type Metric } from '../domain/metric.ts';
import type { Currency } from '../domain/money.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { Db } from './connect.ts';

export interface EvidenceQuery {
  readonly thesisId: string;
  readonly stage: GatedStage;
  /** Thesis time: only periods that ended by then, as they were known by then. */
  readonly asOf: Instant;
  /** Only periods that end after this; absent: all rounds of the stage. */
  readonly since?: Instant;
}

/** Whose rows are seen; a stage of null sees all of the thesis, the days before its launch too. */
type SeenQuery = Omit<EvidenceQuery, 'stage'> & { readonly stage: GatedStage | null };

/** One metric was observed in several currencies: somebody must say how they convert before they can be added. */
export class MixedCurrencies extends Error {
  override readonly name = 'MixedCurrencies';
  readonly metric: Metric;
  readonly currencies: readonly Currency[];

  constructor(metric: Metric, currencies: readonly Currency[]) {
    super(`${metric} was observed in ${currencies.join(' and ')}, which cannot be added`);
    this.metric = metric;
    this.currencies = currencies;
  }
}

/**
 * A cell for each metric observed, over all rows and for each arm. A level's cell is its newest figure: a figure about
 * the whole before one about an arm, a channel or a market. Throws MixedCurrencies.
 */
export async function readEvidence(db: Db, query: EvidenceQuery): Promise<EvidenceTable> {
  const { rows } = await evidenceQuery(query).execute(db);
  return { cells: rows.map(cellOf) };
}

/**
 * The sums of each metric by arm and day (UTC) in which periods end, in the order of metrics, arms and days. Rows about
 * no arm are left out; of a level, the newest figure of the day. Throws MixedCurrencies.
 */
export async function readDailySeries(
  db: Db,
  { metrics, ...query }: EvidenceQuery & { readonly metrics: readonly Metric[] },
): Promise<DailySums[]> {
  if (metrics.length === 0) return [];
  const { rows } = await dailyQuery(query, metrics).execute(db);
  return rows.map(({ currencies, ...row }) => {
    assertOne(row.metric, currencies);
    return row;
  });
}

interface CellRow extends Omit<EvidenceCell, 'grade' | 'currency'> {
  readonly grade: number | null;
  readonly currencies: Currency[];
}

interface DailyRow extends DailySums {
  readonly currencies: Currency[];
}

function cellOf({ currencies, grade, ...sums }: CellRow): EvidenceCell {
  assertOne(sums.metric, currencies);
  // A cell of nothing but missing values rests on nothing.
  const weakest = EVIDENCE_GRADES[(grade ?? 1) - 1] ?? 'declared';
  return { ...sums, grade: weakest, currency: currencies[0] ?? null };
}

function assertOne(metric: Metric, currencies: readonly Currency[]): void {
  if (currencies.length > 1) throw new MixedCurrencies(metric, currencies);
}

/** The metrics of which the newest figure counts instead of the sum. */
const LEVELS: readonly Metric[] = METRIC_NAMES.filter((name) => METRICS[name].shape.form === 'level');

/**
 * The rows that a read-out sees, as `seen`. The newest revision is chosen among what was known; a row whose newest
 * revision moved it to another stage is not seen through an older one.
 */
export function seenRows({ thesisId, stage, asOf, since }: SeenQuery): RawBuilder<unknown> {
  return sql`seen as (
  select o.*
  from observation o
  where o.thesis_id = ${thesisId}
    and o.known_at <= ${asOf}
    and o.period_to <= ${asOf}
    and (${since ?? null}::timestamptz is null or o.period_to > ${since ?? null}::timestamptz)
    ${stage === null ? sql`` : withinWindows(stage)}
    and not exists (
      select from observation newer
      where newer.thesis_id = o.thesis_id and newer.source = o.source and newer.row_key = o.row_key
        and newer.revision > o.revision and newer.known_at <= ${asOf}
    )
)`;
}

function withinWindows(stage: GatedStage): RawBuilder<unknown> {
  return sql`and exists (
      select from stage_window w
      where w.thesis_id = o.thesis_id and w.stage = ${stage}
        and o.period_to > w.entered_at and (w.left_at is null or o.period_to <= w.left_at)
    )`;
}

/** The row that a level is taken from: the newest that has a value, the widest first. */
const newestFirst = sql`sum is null, period_to desc, arm is not null, channel is not null, market is not null,
      observation_id desc`;

const aggregates = sql`
    sum(n) filter (where counts) as n,
    coalesce(sum(sum) filter (where counts), 0) as sum,
    sum(sum_squares) filter (where counts) as "sumSquares",
    coalesce(array_agg(distinct currency) filter (where counts and currency is not null), '{}') as currencies`;

const rests = sql`
    min(array_position(${EVIDENCE_GRADES}::text[], grade)) filter (where counts and sum is not null) as grade,
    (count(sum) filter (where counts))::int as observations,
    (count(*) filter (where sum is null))::int as missing,
    min(period_from) as "from",
    max(period_to) as "to"`;

/** The sums of the rows that have a covariate, and of how many units they are: as text, for JSON's numbers are doubles. */
const covariates = sql`
    case when bool_or(counts and covariate_sum is not null) then jsonb_build_object(
      'n', sum(n) filter (where counts and covariate_sum is not null)::text,
      'sum', sum(covariate_sum) filter (where counts)::text,
      'sumSquares', sum(covariate_sum_squares) filter (where counts)::text,
      'sumOfProducts', sum(covariate_sum_of_products) filter (where counts)::text) end`;

/** Only the few rows of levels are ranked: ranking all would sort every row of the stage twice. */
function evidenceQuery(query: EvidenceQuery) {
  return sql<CellRow>`with
${seenRows(query)},
summed as (select *, true as counts from seen where metric <> all (${LEVELS}::text[])),
level as (select * from seen where metric = any (${LEVELS}::text[])),
ranked as (
  select *, row_number() over (partition by metric, read_as order by ${newestFirst}) = 1 as counts
  from (
    select *, ${ALL_ARMS}::text as read_as from level
    union all
    select *, arm from level where arm is not null
  ) spread
)
select metric, coalesce(arm, ${ALL_ARMS}) as arm, ${aggregates}, ${rests}
from summed
group by grouping sets ((metric), (metric, arm))
having grouping(arm) = 1 or arm is not null
union all
select metric, read_as, ${aggregates}, ${rests}
from ranked
group by metric, read_as
order by metric, arm`;
}

/** A period that ends at midnight is of the day before. */
const dayOf = sql`to_char((period_to - interval '1 microsecond') at time zone 'UTC', 'YYYY-MM-DD')`;

function dailyQuery(query: EvidenceQuery, metrics: readonly Metric[]) {
  return sql<DailyRow>`with
${seenRows(query)},
dated as (
  select *, ${dayOf} as day from seen
  where arm is not null and sum is not null and metric = any (${metrics}::text[])
),
counted as (
  select *, true as counts from dated where metric <> all (${LEVELS}::text[])
  union all
  select *, row_number() over (partition by metric, arm, day order by ${newestFirst}) = 1
  from dated where metric = any (${LEVELS}::text[])
)
select metric, arm, day, ${aggregates},
    ${covariates} as covariate
from counted
group by metric, arm, day
order by metric, arm, day`;
}
