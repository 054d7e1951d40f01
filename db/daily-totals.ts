// The daily totals of a thesis, whatever the stage, the arm and the channel: the past that signals and comparisons of
// markets are read against. Only whole days; a day with a value that its source declared missing is left out.

import { sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import type { Metric } from '../domain/metric.ts';
import type { DecimalText } from '../domain/money.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { Db } from './connect.ts';
import { seenRows } from './observations.ts';

export interface DailyTotalsQuery {
  readonly thesisId: string;
  readonly metrics: readonly Metric[];
  /** Thesis time: only periods that ended by then, as they were known by then. */
  readonly asOf: Instant;
  /** Only periods that end after this. */
  readonly since: Instant;
}

export interface DailyTotal {
  readonly metric: Metric;
  /** Null: of all rows, whatever their market. */
  readonly market: string | null;
  /** ISO date in UTC in which the periods end; a period that ends at midnight is of the day before. */
  readonly day: string;
  readonly sum: DecimalText;
}

/** The totals of counts and amounts by day, in the order of metrics and days. */
export async function readDailyTotals(db: Db, query: DailyTotalsQuery): Promise<DailyTotal[]> {
  return await totals(db, query, false);
}

/** The same by market, of the rows that name one, in the order of metrics, markets and days. */
export async function readMarketTotals(db: Db, query: DailyTotalsQuery): Promise<DailyTotal[]> {
  return await totals(db, query, true);
}

/** When the first round of the stage began: the days before it are untouched by any. Null when it never began. */
export async function stageFirstEntered(
  db: Db,
  thesisId: string,
  stage: GatedStage,
): Promise<Instant | null> {
  const row = await db
    .selectFrom('stage_window')
    .select('entered_at')
    .where('thesis_id', '=', thesisId)
    .where('stage', '=', stage)
    .orderBy('entered_at')
    .limit(1)
    .executeTakeFirst();
  return row?.entered_at ?? null;
}

/** A row that spans more than a day (of 25 hours, in autumn) belongs to no day. */
const LONGEST = '25 hours';
/** Of a day that is still being told, less than this has been observed (a day of spring has 23 hours). */
const WHOLE = '23 hours';

async function totals(
  db: Db,
  { thesisId, metrics, asOf, since }: DailyTotalsQuery,
  byMarket: boolean,
): Promise<DailyTotal[]> {
  if (metrics.length === 0) return [];
  const { rows } = await sql<DailyTotal>`with
${seenRows({ thesisId, stage: null, asOf, since })},
dated as (
  select metric, case when ${byMarket}::boolean then market end as market, sum, period_from, period_to,
    to_char((period_to - interval '1 microsecond') at time zone 'UTC', 'YYYY-MM-DD') as day
  from seen
  where metric = any (${metrics}::text[]) and period_to - period_from <= ${LONGEST}::interval
    and (market is not null or not ${byMarket}::boolean)
)
select metric, market, day, sum(sum) as sum
from dated
group by metric, market, day
having bool_and(sum is not null) and max(period_to) - min(period_from) >= ${WHOLE}::interval
order by metric, market, day`.execute(db);
  return rows;
}
