// The count of requests that all API processes share; and what finance may query with any SQL tool: views of sums by thesis, stage and day, of decisions, and of spend beside
// its envelope, in a schema of their own. They follow the rules of unit-economics.ts, at the present of each thesis.

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const INPUTS = [
  'spend',
  'new_customers',
  'orders',
  'revenue',
  'product_cost',
  'fulfilment_cost',
  'payment_fees',
  'service_cost',
];

/** A sum counts only when none of its amounts is in another currency: two currencies are never added. */
const sumOf = (metric: string) => `
  case when sum(other_currency) filter (where metric = '${metric}') > 0 then null
    else sum(sum) filter (where metric = '${metric}') end as ${metric}`;

/** A divisor that is not more than zero gives no figure. */
const positive = (name: string) => `nullif(greatest(${name}, 0), 0)`;

const STATEMENTS = [
  // Unlogged: a crash costs a minute's counts. Columns and their order are those that rate-limiter-flexible writes. Pages
  // are left half empty, so that counting changes a row in its place.
  `create unlogged table request_count (
    key varchar(255) primary key,
    points integer not null default 0,
    expire bigint
  ) with (fillfactor = 50)`,

  'create schema finance',

  // The newest revision is chosen before anything is filtered, for a restatement may have moved metric or period.
  `create view finance.daily_sums as
  with reading as (
    select thesis_id, currency,
      clock_origin + make_interval(secs => extract(epoch from now() - clock_origin) * clock_rate) as as_of
    from thesis
  ),
  newest as (
    select distinct on (o.thesis_id, o.source, o.row_key)
      o.thesis_id, o.metric, o.period_to, o.sum, r.currency, r.as_of,
      coalesce(o.currency, r.currency) = r.currency as own_currency
    from observation o
    join reading r on r.thesis_id = o.thesis_id
    where o.known_at <= r.as_of
    order by o.thesis_id, o.source, o.row_key, o.revision desc
  )
  select n.thesis_id, w.stage, ((n.period_to - interval '1 microsecond') at time zone 'UTC')::date as day,
    n.metric, n.currency,
    sum(n.sum) filter (where n.own_currency) as sum,
    count(n.sum) as observations,
    count(*) - count(n.sum) as missing,
    count(*) filter (where not n.own_currency) as other_currency
  from newest n
  join stage_window w on w.thesis_id = n.thesis_id
    and n.period_to > w.entered_at and (w.left_at is null or n.period_to <= w.left_at)
  where n.metric in (${INPUTS.map((metric) => `'${metric}'`).join(', ')}) and n.period_to <= n.as_of
  group by 1, 2, 3, 4, 5`,

  `create view finance.unit_economics as
  with sums as (
    select thesis_id, stage, ${INPUTS.map(sumOf).join(',')}
    from finance.daily_sums
    group by thesis_id, stage
  ),
  margins as (
    select *, revenue - product_cost as cm1,
      revenue - product_cost - fulfilment_cost - payment_fees - service_cost as cm2
    from sums
  )
  select t.thesis_id, t.title, t.portfolio, t.market, t.playbook, t.playbook_version, t.currency, e.stage, e.entered_at,
    ${INPUTS.map((metric) => `m.${metric}`).join(', ')},
    m.cm1, m.cm2, m.cm2 - m.spend as cm3,
    round(${positive('m.spend')} / ${positive('m.new_customers')}, 10) as cac,
    round(m.revenue / ${positive('m.spend')}, 10) as roas
  from thesis t
  join (select thesis_id, stage, min(entered_at) as entered_at from stage_window group by 1, 2) e
    on e.thesis_id = t.thesis_id
  left join margins m on m.thesis_id = t.thesis_id and m.stage = e.stage`,

  `create view finance.gate_decisions as
  select g.gate_id, g.thesis_id, t.title, t.portfolio, t.market, g.stage, g.opened_at, g.deadline, g.decided_at,
    g.recommendation, g.decision, g.outcome ->> 'by' as decided_by, g.outcome ->> 'reason' as reason, g.evidence_hash
  from gate g
  join thesis t on t.thesis_id = g.thesis_id
  where g.decision is not null`,

  // By the contract in force; a stage that was not entered has an envelope and no spend.
  `create view finance.spend_against_envelope as
  select t.thesis_id, t.title, t.portfolio, t.market, t.currency, p.stage,
    (p.plan -> 'envelope' ->> 'amount')::numeric as envelope,
    u.spend,
    (p.plan -> 'envelope' ->> 'amount')::numeric - u.spend as remaining
  from thesis t
  cross join lateral (
    select body from contract where contract.thesis_id = t.thesis_id order by version desc limit 1
  ) c
  cross join lateral jsonb_each(c.body -> 'playbook' -> 'stages') as p (stage, plan)
  left join finance.unit_economics u on u.thesis_id = t.thesis_id and u.stage = p.stage`,
];
