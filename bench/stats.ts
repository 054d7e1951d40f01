// `npm run bench:stats`: cases a second of processor time against gbstats 0.8.0 on the same generated cases in the same run.
// It installs gbstats into a temporary folder, checks that both engines give the same numbers, prints the
// ratio for each mode and exits with 1 when one is below the required ratio or a number differs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { posteriorOf } from '../domain/statistics/comparison/bayesian.ts';
import { confidenceSequence } from '../domain/statistics/comparison/confidence-sequence.ts';
import { cupedMeanEffect } from '../domain/statistics/comparison/cuped.ts';
import { type Effect, effectOf } from '../domain/statistics/comparison/effect.ts';
import { meanMoments, type Sums } from '../domain/statistics/comparison/moments.ts';
import { tTest } from '../domain/statistics/comparison/t-test.ts';

const CASES = 2000;
const SEED = 20260117;
const REQUIRED_RATIO = 20;
const AGREEMENT = 1e-7;
const MEASURED_MS = 1500;
/** Passes over the cases that are timed together, as the clock of processor time is coarse. */
const PASSES = 5;
const REQUIREMENTS = ['gbstats==0.8.0', 'numpy<2', 'pandas<2', 'scipy'];

interface BenchArm {
  readonly kind: 'mean';
  readonly n: number;
  readonly post: Sums;
  readonly pre: Sums;
  readonly sumOfProducts: number;
}

interface BenchCase {
  readonly control: BenchArm;
  readonly treatment: BenchArm;
}

interface Result {
  readonly center: number;
  readonly interval: readonly [number, number];
}

type Mode = 't' | 'sequential' | 'bayes' | 'cuped';
type Reference = Record<Mode, { readonly perSecond: number; readonly rows: readonly (readonly number[])[] }>;

const options = { alpha: 0.05, alternative: 'two_sided' } as const;
const tuning = { sampleSize: 5000 };
const prior = { kind: 'normal', unit: 'relative', mean: 0, variance: 0.09 } as const;

/** As in stats-reference.py, each call starts from the sums. */
const modes: Readonly<Record<Mode, (bench: BenchCase) => Result>> = {
  t: (bench) => centred(tTest(relativeEffect(bench), options)),
  sequential: (bench) => centred(confidenceSequence(relativeEffect(bench), { ...options, tuning })),
  bayes: (bench) => {
    const { mean, interval } = posteriorOf(relativeEffect(bench), { alpha: 0.05, prior, better: 'higher' });
    return { center: mean, interval };
  },
  cuped: ({ control, treatment }) => centred(tTest(cupedMeanEffect(control, treatment, 'absolute'), options)),
};

const cases = generateCases();
const reference = timeReference(cases);
let failed = false;
console.log(
  `${CASES} cases, seed ${SEED}, Node ${process.version} against gbstats 0.8.0, processor time of one core each`,
);
console.log('mode         cases/s here   cases/s gbstats   ratio   largest difference');
for (const mode of Object.keys(modes) as Mode[]) {
  const perSecond = measure(modes[mode]);
  const { perSecond: referencePerSecond, rows } = reference[mode];
  const ratio = perSecond / referencePerSecond;
  const difference = largestDifference(modes[mode], rows);
  failed ||= ratio < REQUIRED_RATIO || !(difference <= AGREEMENT);
  const columns = [
    mode.padEnd(10),
    Math.round(perSecond).toLocaleString('en').padStart(14),
    Math.round(referencePerSecond).toLocaleString('en').padStart(17),
    ratio.toFixed(0).padStart(7),
    difference.toExponential(1).padStart(20),
  ];
  console.log(columns.join(' '));
}
console.log(failed ? `FAILED: below ${REQUIRED_RATIO} times, or numbers that differ` : 'ok');
process.exitCode = failed ? 1 : 0;

function relativeEffect({ control, treatment }: BenchCase): Effect {
  const a = meanMoments({ n: control.n, sum: control.post.sum, sumSquares: control.post.sumSquares });
  const b = meanMoments({ n: treatment.n, sum: treatment.post.sum, sumSquares: treatment.post.sumSquares });
  return effectOf(a, b, 'relative');
}

function centred(result: {
  readonly estimate: number;
  readonly interval: readonly [number, number];
}): Result {
  return { center: result.estimate, interval: result.interval };
}

/** Sums of arms of 100 to 200,000 units, with a positive mean, a lift of up to 5% and a useful covariate. */
function generateCases(): BenchCase[] {
  const random = xoroshiro128plus(SEED);
  const between = (low: number, high: number) => low + uniformFloat64(random) * (high - low);
  const arm = (n: number, mean: number, sd: number, correlation: number): BenchArm => {
    const post = sumsOf(n, mean + (between(-1, 1) * sd) / Math.sqrt(n), sd);
    const pre = sumsOf(n, mean + (between(-1, 1) * sd) / Math.sqrt(n), sd);
    const sumOfProducts = (post.sum * pre.sum) / n + correlation * sd * sd * (n - 1);
    return { kind: 'mean', n, post, pre, sumOfProducts };
  };
  return Array.from({ length: CASES }, () => {
    const mean = between(0.5, 100);
    const sd = mean * between(0.2, 4);
    const correlation = between(0.1, 0.9);
    return {
      control: arm(uniformInt(random, 100, 200_000), mean, sd, correlation),
      treatment: arm(uniformInt(random, 100, 200_000), mean * between(0.95, 1.05), sd, correlation),
    };
  });
}

function sumsOf(n: number, mean: number, sd: number): Sums {
  return { sum: n * mean, sumSquares: n * mean * mean + (n - 1) * sd * sd };
}

/** Cases a second of processor time, collection of garbage included: other work on the machine does not count. */
function measure(run: (bench: BenchCase) => Result): number {
  let best = 0;
  let checksum = 0;
  const end = performance.now() + MEASURED_MS;
  while (performance.now() < end) {
    const before = process.cpuUsage();
    for (let pass = 0; pass < PASSES; pass += 1) {
      for (const bench of cases) checksum += run(bench).center;
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (PASSES * CASES * 1e6) / (user + system));
  }
  if (!Number.isFinite(checksum)) throw new Error('a benchmark case gave no number');
  return best;
}

/** Largest difference of the centre and both bounds, in widths of the interval. */
function largestDifference(run: (bench: BenchCase) => Result, rows: readonly (readonly number[])[]): number {
  let largest = 0;
  cases.forEach((bench, index) => {
    const { center, interval } = run(bench);
    const [estimate = Number.NaN, lower = Number.NaN, upper = Number.NaN] = rows[index] ?? [];
    const apart = Math.max(
      Math.abs(center - estimate),
      Math.abs(interval[0] - lower),
      Math.abs(interval[1] - upper),
    );
    // Written so that a NaN is kept as the largest of all.
    if (!(apart / (upper - lower) <= largest)) largest = apart / (upper - lower);
  });
  return largest;
}

function timeReference(generated: readonly BenchCase[]): Reference {
  const folder = mkdtempSync(join(tmpdir(), 'jalon-bench-'));
  try {
    const python = join(folder, 'venv', 'bin', 'python');
    execFileSync('python3', ['-m', 'venv', join(folder, 'venv')], { stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...REQUIREMENTS],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const file = join(folder, 'cases.json');
    writeFileSync(file, JSON.stringify(generated));
    const script = fileURLToPath(new URL('stats-reference.py', import.meta.url));
    const printed = execFileSync(python, [script, file], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return JSON.parse(printed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
