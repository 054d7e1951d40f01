// How far each source of a thesis has come, and since when one fails. The observations themselves say how far; this
// table keeps what they cannot tell: that somebody looked, and what went wrong.

import type { Instant } from '../domain/duration.ts';
import { isMetric, type Metric } from '../domain/metric.ts';
import type { Db } from './connect.ts';

/** Of a source: the newest period end of each metric, among periods that ended by `by`. */
export async function newestPeriods(
  db: Db,
  { thesisId, source, by }: { readonly thesisId: string; readonly source: string; readonly by: Instant },
): Promise<ReadonlyMap<Metric, Instant>> {
  const rows = await db
    .selectFrom('observation')
    .select(({ fn }) => ['metric', fn.max<Instant>('period_to').as('newest')])
    .where('thesis_id', '=', thesisId)
    .where('source', '=', source)
    .where('period_to', '<=', by)
    .groupBy('metric')
    .execute();
  const newest = new Map<Metric, Instant>();
  for (const row of rows) if (isMetric(row.metric)) newest.set(row.metric, row.newest);
  return newest;
}

export interface Checked {
  readonly thesisId: string;
  readonly source: string;
  readonly watermark: Instant | null;
  /** Thesis time at which the source was looked at. */
  readonly at: Instant;
  /** What went wrong, fit for anybody; null when it answered. */
  readonly failure: string | null;
}

/** Notes a look at a source. A failure keeps the time of the first of its row. */
export async function noteChecked(
  db: Db,
  { thesisId, source, watermark, at, failure }: Checked,
): Promise<void> {
  const seen = { watermark, checked_at: at, failure };
  await db
    .insertInto('source_watermark')
    .values({ thesis_id: thesisId, source, ...seen, failing_since: failure === null ? null : at })
    .onConflict((conflict) =>
      conflict.columns(['thesis_id', 'source']).doUpdateSet((eb) => ({
        ...seen,
        failing_since:
          failure === null ? null : eb.fn.coalesce('source_watermark.failing_since', eb.val<string>(at)),
      })),
    )
    .execute();
}
