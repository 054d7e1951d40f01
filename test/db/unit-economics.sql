with
reading as (
  select thesis_id, portfolio, market, playbook || '/' || playbook_version as playbook, currency,
    least($1::timestamptz, clock_origin + make_interval(
      secs => extract(epoch from $2::timestamptz - clock_origin) * clock_rate)) as as_of
  from thesis
  where ($3::text is null or thesis_id = $4)
    and ($5::text is null or currency = $6)
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
  cross join lateral (values ('stage', "w"."stage")) as k (grouped_by, key)
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
    min(array_position($7::text[], n.grade)) filter (where n.sum is not null) as grade,
    bool_or(not n.own_currency) as other_currency,
    min(n.period_from) as period_from,
    max(n.period_to) as period_to
  from newest n
  join lived w on w.thesis_id = n.thesis_id
    and n.period_to > w.entered_at and (w.left_at is null or n.period_to <= w.left_at)
  where n.metric = any($8::text[]) and n.period_to <= n.as_of
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
order by h.grouped_by, h.key collate "C", h.currency, g.metric
