// Classical comparisons of two conversion rates from counts: score tests and the intervals that stay right
// for small counts and rates near 0 or 1. Lifts as Jalon reads them out by default are `t-test.ts`.
import { ImpossibleInput, requireBetween } from '../impossible.ts';
import { betaQuantile, normalQuantile, normalSf } from '../numerics/special.ts';

/** Successes among trials: whole numbers, 0 <= successes <= trials, trials > 0. */
export interface Count {
  readonly successes: number;
  readonly trials: number;
}

export type Interval = readonly [lower: number, upper: number];

export interface ZTest {
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * z test of equal rates with the variance pooled under the null, se^2 = p(1-p)(1/n1 + 1/n2). Positive when
 * treatment is higher. Throws `zero_variance` when nobody or everybody converted.
 */
export function pooledZTest(control: Count, treatment: Count): ZTest {
  const difference = rate(treatment) - rate(control);
  const pooled = (control.successes + treatment.successes) / (control.trials + treatment.trials);
  const variance = pooled * (1 - pooled) * (1 / control.trials + 1 / treatment.trials);
  return zTest(difference, variance);
}

/** z test and interval at level 1 - `alpha` of the difference of rates, each arm with its own variance. */
export function unpooledZTest(control: Count, treatment: Count, alpha: number): ZTest & { ci: Interval } {
  const difference = rate(treatment) - rate(control);
  const variance = binomialVariance(control) + binomialVariance(treatment);
  const half = quantileFor(alpha) * Math.sqrt(variance);
  return { ...zTest(difference, variance), ci: [difference - half, difference + half] };
}

/**
 * Interval of the difference treatment - control by Newcombe's hybrid score method (Statistics in Medicine
 * 1998, method 10): each arm's Wilson limits, combined as a square root of squared distances.
 */
export function newcombeInterval(control: Count, treatment: Count, alpha: number): Interval {
  const [pc, pt] = [rate(control), rate(treatment)];
  const [lowC, highC] = wilsonInterval(control, alpha);
  const [lowT, highT] = wilsonInterval(treatment, alpha);
  const difference = pt - pc;
  return [difference - Math.hypot(pt - lowT, highC - pc), difference + Math.hypot(highT - pt, pc - lowC)];
}

/**
 * Interval of the ratio of rates treatment / control on the log scale (Katz et al., Biometrics 1978).
 * Throws `zero_baseline` without a success in either arm.
 */
export function riskRatioInterval(control: Count, treatment: Count, alpha: number): Interval {
  const ratio = rate(treatment) / rate(control);
  if (control.successes === 0 || treatment.successes === 0) {
    throw new ImpossibleInput('zero_baseline', 'a risk ratio needs a success in each arm');
  }
  const variance =
    1 / treatment.successes - 1 / treatment.trials + 1 / control.successes - 1 / control.trials;
  const half = quantileFor(alpha) * Math.sqrt(variance);
  return [ratio * Math.exp(-half), ratio * Math.exp(half)];
}

/** Wilson's score interval of one rate (JASA 1927). */
export function wilsonInterval(count: Count, alpha: number): Interval {
  const p = rate(count);
  const z = quantileFor(alpha);
  const n = count.trials;
  const centre = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  // At the edges the limit is exactly 0 or 1, which rounding would miss by an ulp.
  return [
    count.successes === 0 ? 0 : (centre - half) / scale,
    count.successes === n ? 1 : (centre + half) / scale,
  ];
}

/** Exact interval of one rate (Clopper and Pearson, Biometrika 1934), by beta quantiles. */
export function clopperPearsonInterval(count: Count, alpha: number): Interval {
  rate(count);
  requireBetween('alpha', alpha, 0, 1);
  const { successes, trials } = count;
  return [
    successes === 0 ? 0 : betaQuantile(alpha / 2, successes, trials - successes + 1),
    successes === trials ? 1 : upperBetaQuantile(alpha / 2, successes + 1, trials - successes),
  ];
}

/** The x above which a beta(a, b) variable lies with probability `tail`: mirrored, so that no digit is lost. */
function upperBetaQuantile(tail: number, a: number, b: number): number {
  return 1 - betaQuantile(tail, b, a);
}

/** The observed rate, after checking the count. */
function rate({ successes, trials }: Count): number {
  if (!Number.isFinite(successes) || !Number.isFinite(trials)) {
    throw new ImpossibleInput('not_finite', `${successes} of ${trials}`);
  }
  if (trials <= 0) throw new ImpossibleInput('no_data', `trials is ${trials}`);
  if (successes < 0 || successes > trials) {
    throw new ImpossibleInput('contradictory_sums', `${successes} successes of ${trials} trials`);
  }
  return successes / trials;
}

function binomialVariance(count: Count): number {
  const p = rate(count);
  return (p * (1 - p)) / count.trials;
}

function quantileFor(alpha: number): number {
  requireBetween('alpha', alpha, 0, 1);
  return -normalQuantile(alpha / 2);
}

function zTest(difference: number, variance: number): ZTest {
  if (variance <= 0) throw new ImpossibleInput('zero_variance', 'the rates do not vary');
  const z = difference / Math.sqrt(variance);
  return { z, p: 2 * normalSf(Math.abs(z)) };
}
