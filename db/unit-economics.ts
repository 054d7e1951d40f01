// Unit economics as finance reads them: sums of observations as they were known at an instant, by stage, portfolio,
// playbook, market or thesis. PostgreSQL adds within one currency; the figures themselves are economics.ts's.

import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import type { EconomicsMethod } from '../domain/economics/method.ts';
import {
  INPUT_METRICS,
  INPUT_NAMES,
  type InputName,
  type ObservedInputs,
  type ObservedLine,
} from '../domain/economics/observed-inputs.ts';
import { observedEconomics, type UnitEconomics } from '../domain/economics.ts';
import { EVIDENCE_GRADES } from '../domain/evidence.ts';
import type { Currency, DecimalText } from '../domain/money.ts';
import { STAGES } from '../domain/stage.ts';
import type { Db } from './connect.ts';

/** What the figures of several theses can be grouped by. */
export const GROUPINGS = ['stage', 'portfolio', 'playbook', 'market'] as const;

export type Grouping = (typeof GROUPINGS)[number];

export interface EconomicsQuery<G extends Grouping | 'thesis' = Grouping | 'thesis'> {
  /** Each of them by itself, over the same observations; `thesis` reads all stages of a thesis together. */
  readonly groupBy: readonly G[];
  /** Only this thesis; null for all. */
  readonly thesisId: string | null;
  /** Only theses in this currency; null for all, in groups of their own. */
  readonly currency: Currency | null;
  /** Thesis time: what was not known by then is not read. Null for all that is known now. */
  readonly knownAt: Instant | null;
  /** The real instant of the request; a thesis in time-lapse is read at its own present. */
  readonly now: Instant;
}

export interface GroupEconomics {
  /** A stage, portfolio or market, `name/version` of a playbook, or a thesis id. */
  readonly key: string;
  readonly currency: Currency;
  /** Theses that had reached the group by then. */
  readonly theses: number;
  readonly economics: UnitEconomics;
}

/** The figures of each group, one row for each currency in it; stages in their order, other keys in theirs. */
export async function readUnitEconomics<G extends Grouping | 'thesis'>(
  db: Db,
  query: EconomicsQuery<G>,
): Promise<Readonly<Record<G, readonly GroupEconomics[]>>> {
  const { rows } = await unitEconomicsQuery(query).execute(db);
  const read = query.groupBy.map((by) => [by, groupsOf(by, rows)]);
  return Object.fromEntries(read) as Record<G, readonly GroupEconomics[]>;
}

function groupsOf(by: Grouping | 'thesis', rows: readonly SumRow[]): GroupEconomics[] {
  const groups = new Map<string, SumRow[]>();
  for (const row of rows.filter(({ grouped_by }) => grouped_by === by)) {
    const name = JSON.stringify([row.key, row.currency]);
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const read = [...groups.values()].flatMap(groupEconomics);
  if (by !== 'stage') return read;
  const order: readonly string[] = STAGES;
  return read.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
}

/** One metric of one group; `metric` is null when the group has no observation at all. */
interface SumRow {
  readonly grouped_by: Grouping | 'thesis';
  readonly key: string;
  readonly currency: Currency;
  readonly theses: number;
  readonly methods: readonly EconomicsMethod[];
  readonly metric: string | null;
  readonly sum: DecimalText | null;
  readonly present: number;
  readonly missing: number;
  readonly grade: number | null;
  readonly other_currency: boolean;
  readonly beside_revenue: number;
  readonly beside_customers: number;
  readonly period_from: Instant;
  readonly period_to: Instant;
}

const KEYS = {
  stage: sql.ref('w.stage'),
  portfolio: sql.ref('r.portfolio'),
  playbook: sql.ref('r.playbook'),
  market: sql.ref('r.market'),
  thesis: sql.ref('r.thesis_id'),
} as const satisfies Record<Grouping | 'thesis', RawBuilder<unknown>>;

/**
 * The newest revision is chosen before anything is filtered by metric or period, for a restatement may have moved
 * either: thesis by thesis and backwards, as the index of the revisions has them, so that nothing is sorted; and
 * materialised, for the planner would choose them again for each window in which a thesis lived.
 * `beside_revenue` and `beside_customers` count the stages of theses that have the metric as well as revenue, or new
 * customers: fewer than have those mean that a sum over the group would leave costs out. Thesis time is counted in
 * seconds because an interval of days would stretch with the daylight saving of the session's zone.
 */
export function unitEconomicsQuery({ groupBy, thesisId, currency, knownAt, now }: EconomicsQuery) {
  const keys = groupBy.map((by) => sql`(${sql.lit(by)}, ${KEYS[by]})`);
  return sql<SumRow>`with
reading as (
  select thesis_id, portfolio, market, playbook || '/' || playbook_version as playbook, currency,
    least(${knownAt}::timestamptz, clock_origin + make_interval(
      secs => extract(epoch from ${now}::timestamptz - clock_origin) * clock_rate)) as as_of
  from thesis
  where (${thesisId}::text is null or thesis_id = ${thesisId})
    and (${currency}::text is null or currency = ${currency})
),
lived as (
  select r.thesis_id, w.stage, w.entered_at, w.left_at
  from reading r
  join stage_window w on w.thesis_id = r.thesis_id
),
scope as (
  select r.thesis_id, r.currency, w.stage, k.grouped_by, k.key, c.body -> 'economics' as method
  from reading r
  join (select thesis_id, stage, min(entered_at) as entered_at from lived group by 1, 2) w
    on w.thesis_id = r.thesis_id and w.entered_at <= r.as_of
  cross join lateral (
    select body from contract
    where contract.thesis_id = r.thesis_id and sealed_at <= r.as_of
    order by version desc limit 1
  ) c
  cross join lateral (values ${sql.join(keys)}) as k (grouped_by, key)
),
newest as materialized (
  select r.thesis_id, r.as_of, o.metric, o.period_from, o.period_to, o.sum, o.grade,
    coalesce(o.currency, r.currency) = r.currency as own_currency
  from reading r
  cross join lateral (
    select distinct on (source, row_key) metric, period_from, period_to, sum, grade, currency
    from observation
    where observation.thesis_id = r.thesis_id and known_at <= r.as_of
    order by source desc, row_key desc, revision desc
  ) o
),
line as (
  select n.thesis_id, w.stage, n.metric,
    sum(n.sum) filter (where n.own_currency) as sum,
    count(n.sum) as present,
    count(*) - count(n.sum) as missing,
    min(array_position(${EVIDENCE_GRADES}::text[], n.grade)) filter (where n.sum is not null) as grade,
    bool_or(not n.own_currency) as other_currency,
    min(n.period_from) as period_from,
    max(n.period_to) as period_to
  from newest n
  join lived w on w.thesis_id = n.thesis_id
    and n.period_to > w.entered_at and (w.left_at is null or n.period_to <= w.left_at)
  where n.metric = any(${Object.values(INPUT_METRICS)}::text[]) and n.period_to <= n.as_of
  group by n.thesis_id, w.stage, n.metric
),
compared as (
  select line.*,
    bool_or(metric = 'revenue' and present > 0) over of_stage as has_revenue,
    bool_or(metric = 'new_customers' and present > 0) over of_stage as has_customers
  from line
  window of_stage as (partition by thesis_id, stage)
),
grouped as (
  select s.grouped_by, s.key, s.currency, c.metric,
    sum(c.sum) as sum,
    sum(c.present)::int as present,
    sum(c.missing)::int as missing,
    min(c.grade) as grade,
    bool_or(c.other_currency) as other_currency,
    (count(*) filter (where c.has_revenue and c.present > 0))::int as beside_revenue,
    (count(*) filter (where c.has_customers and c.present > 0))::int as beside_customers,
    min(c.period_from) as period_from,
    max(c.period_to) as period_to
  from compared c
  join scope s on s.thesis_id = c.thesis_id and s.stage = c.stage
  group by 1, 2, 3, 4
),
header as (
  select grouped_by, key, currency,
    count(distinct thesis_id)::int as theses,
    jsonb_agg(distinct method) as methods
  from scope
  group by 1, 2, 3
)
select h.grouped_by, h.key, h.currency, h.theses, h.methods, g.metric, g.sum, g.present, g.missing, g.grade,
  g.other_currency, g.beside_revenue, g.beside_customers, g.period_from, g.period_to
from header h
left join grouped g on g.grouped_by = h.grouped_by and g.key = h.key and g.currency = h.currency
order by h.grouped_by, h.key collate "C", h.currency, g.metric`;
}

function groupEconomics(rows: readonly SumRow[]): GroupEconomics[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { key, currency, theses, methods } = first;
  const [method, another] = methods;
  const declared = method === undefined || another !== undefined ? null : method;
  return [{ key, currency, theses, economics: observedEconomics(linesOf(rows), declared, currency) }];
}

function linesOf(rows: readonly SumRow[]): ObservedInputs {
  const of = (name: InputName) => rows.find((row) => row.metric === INPUT_METRICS[name]);
  const [revenue, customers] = [
    of('revenue')?.beside_revenue ?? 0,
    of('newCustomers')?.beside_customers ?? 0,
  ];
  const lines: Partial<Record<InputName, ObservedLine>> = {};
  for (const name of INPUT_NAMES) {
    const row = of(name);
    if (row === undefined) continue;
    const short = row.beside_revenue < revenue || (name === 'spend' && row.beside_customers < customers);
    lines[name] = {
      sum: row.sum ?? '0',
      grade: EVIDENCE_GRADES[(row.grade ?? 1) - 1] ?? 'declared',
      present: row.present,
      missing: row.missing,
      from: row.period_from,
      to: row.period_to,
      unusable: unusable(row, short),
    };
  }
  return lines;
}

function unusable(row: SumRow, short: boolean): ObservedLine['unusable'] {
  if (row.other_currency) return 'other_currency';
  return short && row.present > 0 ? 'incomplete_group' : null;
}
