// What closed theses of the same channels found in their experiments, as it was known at an instant. Reads only.

import { sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import type { PastEffect } from '../domain/experiment/effect-history.ts';
import type { Metric } from '../domain/metric.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { Db } from './connect.ts';

interface PastQuery {
  /** The thesis that asks; it is no history of its own. */
  readonly thesisId: string;
  /** The stage whose experiments are read. */
  readonly stage: GatedStage;
  readonly channels: readonly string[];
  readonly metrics: readonly Metric[];
  /** Only theses that had closed by then. */
  readonly asOf: Instant;
}

/** More theses than this add nothing to a prior: the newest ones are read. */
const MOST_THESES = 100;

/**
 * The lifts that the stage's last read-out stated, of each closed thesis with a randomised and healthy experiment,
 * newest thesis first.
 * A thesis without channels has no theses of the same channel.
 */
export async function readPastEffects(db: Db, query: PastQuery): Promise<PastEffect[]> {
  const { thesisId, stage, channels, metrics, asOf } = query;
  if (channels.length === 0 || metrics.length === 0) return [];
  const { rows } = await sql<PastEffect>`with
past as (
  select t.thesis_id, r.completed_at
  from thesis t
  join retex r on r.thesis_id = t.thesis_id and r.completed_at <= ${asOf}
  cross join lateral (
    select body -> 'channels' as channels from contract c
    where c.thesis_id = t.thesis_id order by version desc limit 1
  ) sealed
  where t.status = 'closed' and t.thesis_id <> ${thesisId}
    and exists (
      select from jsonb_array_elements_text(sealed.channels) channel
      where channel = any (${channels}::text[])
    )
  order by r.completed_at desc
  limit ${MOST_THESES}
)
select past.thesis_id as "thesisId", reading ->> 'metric' as metric,
  jsonb_agg(reading -> 'shrunken' order by reading ->> 'arm') as lifts
from past
cross join lateral (
  select body -> 'experiment' as experiment from read_out o
  where o.thesis_id = past.thesis_id and o.stage = ${stage}
  order by round desc, at desc limit 1
) last
cross join lateral jsonb_array_elements(
  case when jsonb_typeof(last.experiment) = 'object' then last.experiment -> 'readings' else '[]' end
) reading
where last.experiment ->> 'grade' = 'randomised'
  and (last.experiment -> 'health' -> 'healthy')::boolean
  and reading ->> 'metric' = any (${metrics}::text[])
  and jsonb_typeof(reading -> 'shrunken') = 'object'
group by past.thesis_id, past.completed_at, reading ->> 'metric'
order by past.completed_at desc, metric`.execute(db);
  return rows;
}
