// Sample sizes for the two metrics that teams plan with: a conversion rate and a mean with a relative effect,
// and how many days a test of that size takes. Closed forms; `power.ts` has the exact power of either model.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { normalQuantile } from '../numerics/special.ts';
import { type Alternative, sampleSize } from './power.ts';

export interface ProportionPlan {
  readonly alpha: number;
  readonly alternative: Alternative;
  /** Treatment units per control unit. */
  readonly ratio: number;
  /** Conversion rates, each between 0 and 1, different from each other. */
  readonly controlRate: number;
  readonly treatmentRate: number;
  readonly power: number;
}

/** Units in control by three textbook formulas; `unpooled` is the one that Jalon's own test has. */
export interface ProportionSizes {
  /** Cohen's h, the difference of the arcsine-transformed rates. */
  readonly effectSize: number;
  readonly arcsine: number;
  readonly pooled: number;
  readonly unpooled: number;
}

/**
 * Sizes to tell two conversion rates apart: the arcsine transform (Cohen 1988), the z test with a pooled
 * variance under the null (Fleiss, Levin and Paik 2003, without continuity correction), and with
 * unpooled variances. Throws `out_of_range` for equal rates or rates outside of (0, 1).
 */
export function proportionSizes(plan: ProportionPlan): ProportionSizes {
  const { alpha, alternative, ratio, controlRate, treatmentRate, power } = plan;
  requireBetween('controlRate', controlRate, 0, 1);
  requireBetween('treatmentRate', treatmentRate, 0, 1);
  requireBetween('ratio', ratio, 0, Number.POSITIVE_INFINITY);
  requireBetween('alpha', alpha, 0, 1);
  requireBetween('power', power, alpha, 1);
  const difference = treatmentRate - controlRate;
  if (difference === 0) throw new ImpossibleInput('out_of_range', 'the two rates are equal');
  const effectSize = 2 * (Math.asin(Math.sqrt(treatmentRate)) - Math.asin(Math.sqrt(controlRate)));
  const zAlpha = -normalQuantile(alternative === 'two-sided' ? alpha / 2 : alpha);
  const zPower = normalQuantile(power);
  const spread = controlRate * (1 - controlRate) + (treatmentRate * (1 - treatmentRate)) / ratio;
  const meanRate = (controlRate + ratio * treatmentRate) / (1 + ratio);
  const nullSpread = meanRate * (1 - meanRate) * (1 + 1 / ratio);
  return {
    effectSize,
    arcsine: sampleSize({ model: 'normal', alpha, alternative, ratio }, effectSize, power),
    pooled: (zAlpha * Math.sqrt(nullSpread) + zPower * Math.sqrt(spread)) ** 2 / difference ** 2,
    unpooled: ((zAlpha + zPower) ** 2 * spread) / difference ** 2,
  };
}

export interface RelativePlan {
  /** Two-sided false-positive rate over all treatment arms: each comparison gets alpha / (arms - 1). */
  readonly alpha: number;
  readonly power: number;
  readonly baselineMean: number;
  readonly baselineSd: number;
  /** Smallest relative change worth finding, for example 0.03 for 3%. Its sign does not matter. */
  readonly relativeEffect: number;
  /** Correlation of the metric with its pre-period covariate, 0 without CUPED. */
  readonly covariateCorrelation: number;
  /** Units a day that could enter, before allocation. */
  readonly dailyUnits: number;
  /** Share of them that does enter, above 0 and at most 1. */
  readonly allocation: number;
  /** Number of arms with control, at least 2. */
  readonly arms: number;
}

export interface RelativeSize {
  readonly perArmExact: number;
  readonly perArm: number;
  readonly total: number;
  readonly days: number;
  /** Days rounded up to whole weeks, so that each weekday counts alike. */
  readonly daysInFullWeeks: number;
}

/**
 * Size and duration to find a relative change of a mean in equal arms:
 * n = (z_(1-a/2) + z_power)^2 * 2 sd^2 (1 - rho^2) / (mean * effect)^2.
 */
export function relativeSize(plan: RelativePlan): RelativeSize {
  checkRelativePlan(plan);
  const { alpha, power, arms } = plan;
  const quantiles = normalQuantile(power) - normalQuantile(alpha / (arms - 1) / 2);
  const variance = plan.baselineSd ** 2 * (1 - plan.covariateCorrelation ** 2);
  const perArmExact = (quantiles ** 2 * 2 * variance) / (plan.baselineMean * plan.relativeEffect) ** 2;
  const perArm = Math.max(1, Math.ceil(perArmExact));
  const total = perArm * arms;
  const days = durationInDays(total, plan.dailyUnits, plan.allocation);
  return { perArmExact, perArm, total, days, daysInFullWeeks: fullWeeks(days) };
}

/** Whole days until `units` have entered, when `dailyUnits * allocation` enter each day; at least 1. */
export function durationInDays(units: number, dailyUnits: number, allocation: number): number {
  requireBetween('dailyUnits', dailyUnits, 0, Number.POSITIVE_INFINITY);
  requireFinite('allocation', allocation);
  if (allocation <= 0 || allocation > 1) {
    throw new ImpossibleInput('out_of_range', `allocation is ${allocation}`);
  }
  return Math.max(1, Math.ceil(units / (dailyUnits * allocation)));
}

/** Days rounded up to a multiple of seven. */
export function fullWeeks(days: number): number {
  return Math.ceil(days / 7) * 7;
}

function checkRelativePlan(plan: RelativePlan): void {
  requireBetween('alpha', plan.alpha, 0, 1);
  requireBetween('power', plan.power, plan.alpha, 1);
  requireBetween('covariateCorrelation', plan.covariateCorrelation, -1, 1);
  requireFinite('baselineMean', plan.baselineMean);
  requireFinite('relativeEffect', plan.relativeEffect);
  requireFinite('baselineSd', plan.baselineSd);
  if (plan.baselineMean === 0) throw new ImpossibleInput('zero_baseline', 'baselineMean is 0');
  if (plan.baselineSd <= 0) throw new ImpossibleInput('zero_variance', `baselineSd is ${plan.baselineSd}`);
  if (plan.relativeEffect === 0) throw new ImpossibleInput('out_of_range', 'relativeEffect is 0');
  if (!Number.isInteger(plan.arms) || plan.arms < 2) {
    throw new ImpossibleInput('out_of_range', `arms is ${plan.arms}`);
  }
}
