// What people look at most, at many theses: one thesis, the list, and the unit economics, asked for at an even pace.
// The theses are told, see herd.ts; their figures are inserted by SQL, a row a metric and day.

import { sql } from 'kysely';
import type { Db } from '../../db/connect.ts';
import type { Benchmark } from './benchmark.ts';
import type { Ask } from './caller.ts';
import { type Finding, short } from './finding.ts';
import { modelOf, reach, record } from './herd.ts';
import { MANY_VOTES, startStand } from './stand.ts';
import { collected, inFlight, paced, percentile } from './timing.ts';

const PER_SECOND = 50;
const SECONDS = 20;
const MOST_MS = 20;
const WHOLE_READS = 10;
const DAYS = 14;
const METRICS = [
  'spend',
  'new_customers',
  'orders',
  'revenue',
  'product_cost',
  'fulfilment_cost',
  'payment_fees',
  'service_cost',
];
const COUNTS = ['new_customers', 'orders'];

export const readsBenchmark: Benchmark = async ({ engine, count, say }) => {
  const stand = await startStand(engine);
  const reached = await reach(stand);
  try {
    const model = await modelOf(stand, reached.db, MANY_VOTES.name);
    await collected(count, 8, (number) => record(reached.db, model, number));
    await observe(reached.db);
    say(`${count} theses with ${METRICS.length * DAYS} figures each`);
    const findings: Finding[] = [];
    for (const [what, pathOf] of Object.entries(readsOf(count))) {
      say(`${what}, ${PER_SECOND} a second for ${SECONDS} seconds`);
      findings.push(await read(stand.admin, what, pathOf));
    }
    const all = () => stand.admin({ method: 'GET', path: '/v1/unit-economics?groupBy=portfolio' });
    const { each } = await inFlight(
      1,
      Array.from({ length: WHOLE_READS }, () => all),
    );
    findings.push({
      what: 'GET economics of all theses by portfolio, one at a time, p50',
      value: percentile(each, 0.5),
      unit: 'ms',
      detail: `slowest ${short(Math.max(...each))} ms`,
    });
    return findings;
  } finally {
    await reached.close();
    await stand.stop();
  }
};

type PathOf = (index: number) => string;

function readsOf(theses: number): Readonly<Record<string, PathOf>> {
  // A prime, so that consecutive reads are of theses far from each other.
  const one: PathOf = (index) => `/v1/theses/herd-${(index * 7_919) % theses}`;
  const portfolio: PathOf = (index) => encodeURIComponent(`portfolio ${index % 20}`);
  return {
    'GET status': one,
    'GET list': (index) => `/v1/theses?limit=50&portfolio=${portfolio(index)}`,
    'GET economics': (index) => `${one(index)}/unit-economics`,
  };
}

async function read(ask: Ask, what: string, pathOf: (index: number) => string): Promise<Finding> {
  const jobs = Array.from(
    { length: PER_SECOND * SECONDS },
    (_unused, index) => () => ask({ method: 'GET', path: pathOf(index) }),
  );
  await inFlight(2, jobs.slice(0, PER_SECOND));
  const { each } = await paced(PER_SECOND, jobs);
  const p95 = percentile(each, 0.95);
  return {
    what: `${what}, p95 at ${PER_SECOND} a second`,
    value: p95,
    unit: 'ms',
    bound: { most: MOST_MS },
    detail: `p50 ${short(percentile(each, 0.5))} ms, p99 ${short(percentile(each, 0.99))} ms`,
  };
}

/** Figures about before each thesis's stage began do not count for it, nor those not over: these are of its first second. */
async function observe(db: Db): Promise<void> {
  await sql`insert into observation (thesis_id, source, row_key, revision, metric, period_from, period_to, n, sum, currency,
      grade, finality, content_hash, known_at)
    select thesis_id, 'push', metric || '/' || day, 1, metric, stage_since + day * interval '50 milliseconds',
      stage_since + (day + 1) * interval '50 milliseconds', null, 10 + day,
      case when metric = any (${COUNTS}) then null else 'EUR' end, 'attributed', 'final', '\\x00'::bytea, stage_since
    from thesis, unnest(${METRICS}::text[]) as metric, generate_series(0, ${DAYS - 1}::int) as day`.execute(
    db,
  );
  // So many rows at once would set off a vacuum in the middle of what is measured.
  await sql`vacuum analyze`.execute(db);
}
