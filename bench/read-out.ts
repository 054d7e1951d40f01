// `npm run bench:read-out`: time of a whole experiment read-out, 10 metrics x 4 arms x 90 daily looks, with six goals
// and three guardrails beside the primary metric. Exits with 1 when it takes 5 ms or more. The boundaries of the
// schedule are solved once and kept in the book that its caller holds; that first time is printed beside it.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import {
  type ArmLook,
  createBoundaryBook,
  type ExperimentData,
  type ExperimentRequest,
  type MetricSeries,
  readExperiment,
} from '../domain/experiment.ts';
import type { ExperimentPlan } from '../domain/playbook.ts';

const LOOKS = 90;
const DAILY_UNITS = 500;
const REQUIRED_MS = 5;
const RUNS = 300;
const DAY_MS = 24 * 60 * 60 * 1000;

const ARMS = ['control', 'a', 'b', 'c'] as const;
const GOALS = ['ctr', 'add_to_cart_rate', 'recovery_rate', 'average_basket', 'trust', 'nps'] as const;
const GUARDRAILS = ['churn', 'ces', 'revenue_per_visitor'] as const;
const PROPORTIONS: readonly string[] = ['cvr', 'ctr', 'add_to_cart_rate', 'recovery_rate', 'churn'];

const random = xoroshiro128plus(20261124);
const plan: ExperimentPlan = {
  kind: 'ab',
  control: 'control',
  treatments: ['a', 'b', 'c'],
  unit: 'visitor',
  primaryMetric: 'cvr',
  minimumEffect: '0.05',
  alpha: 0.05,
  power: 0.8,
  // Not yet at its end, and undecided: every look is read.
  plannedUnits: 4 * DAILY_UNITS * LOOKS * 1.1,
  weights: { control: 0.25, a: 0.25, b: 0.25, c: 0.25 },
  method: 'group_sequential',
  grade: 'randomised',
};
const units = Array.from({ length: LOOKS }, (_unused, look) => (look + 1) * DAILY_UNITS);
const data: ExperimentData = {
  looks: LOOKS,
  units: Object.fromEntries(ARMS.map((arm) => [arm, units])),
  metrics: (['cvr', ...GOALS, ...GUARDRAILS] as const).map(seriesOf),
};
const request: ExperimentRequest = {
  ageMs: LOOKS * DAY_MS,
  goals: ['cvr', ...GOALS],
  guardrails: GUARDRAILS.map((metric) => ({ metric, margin: 0.05 })),
};

const book = createBoundaryBook();
const first = timed();
const times = Array.from({ length: RUNS }, timed).sort((a, b) => a - b);
const [median = Number.NaN, slow = Number.NaN] = [times[RUNS >> 1], times[Math.floor(RUNS * 0.99)]];
const { readings } = readExperiment(plan, data, request, book);
console.log(
  `${data.metrics.length} metrics x ${ARMS.length} arms x ${LOOKS} looks: ${readings.length} readings`,
);
console.log(`first read-out of the schedule  ${first.toFixed(2)} ms (its boundaries are solved)`);
console.log(`after that, median              ${median.toFixed(2)} ms`);
console.log(`after that, slowest in a hundred ${slow.toFixed(2)} ms`);
const failed = !(median < REQUIRED_MS) || readings.length !== 3 * data.metrics.length;
console.log(failed ? `FAILED: ${REQUIRED_MS} ms or more` : `ok: below ${REQUIRED_MS} ms`);
process.exitCode = failed ? 1 : 0;

function timed(): number {
  const begun = performance.now();
  readExperiment(plan, data, request, book);
  return performance.now() - begun;
}

function seriesOf(metric: MetricSeries['metric']): MetricSeries {
  const kind = PROPORTIONS.includes(metric) ? 'proportion' : 'mean';
  const arms = Object.fromEntries(ARMS.map((arm) => [arm, looksOf(kind)]));
  return { metric, kind, arms };
}

/** No effect, noise of about the size that real days have. */
function looksOf(kind: MetricSeries['kind']): ArmLook[] {
  let [sum, sumSquares] = [0, 0];
  return units.map((n) => {
    const share = 0.1 + 0.02 * (uniformFloat64(random) - 0.5);
    sum += Math.round(DAILY_UNITS * share);
    sumSquares += DAILY_UNITS * (share * share + 0.04);
    return { n, sum, sumSquares: kind === 'proportion' ? null : sumSquares };
  });
}
