// Time-based regression: what the treated markets would have done, from their regression on control markets
// before the start (Kerman, Wang and Vaver, Google 2017). One treated and one control series, already summed
// over markets; which markets those are is `planning/geo-design.ts`.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { tCdf, tQuantile } from '../numerics/special.ts';

export interface TimeBasedRegressionInput {
  /** Control and treatment totals, period by period: pre-period, test, cooldown. */
  readonly control: readonly number[];
  readonly treatment: readonly number[];
  readonly prePeriods: number;
  /** Periods of the test with its cooldown, right after the pre-period. */
  readonly testPeriods: number;
  /** Level of the interval, for example 0.9. One tail: the lower bound has this level, the upper is Infinity. */
  readonly level: number;
  readonly tails: 1 | 2;
  /** Money spent on the treatment alone, above 0; without it there is no iROAS. */
  readonly spend?: number;
}

/** The pre-period regression y = intercept + slope x. */
export interface PreperiodFit {
  readonly intercept: number;
  readonly slope: number;
  /** Residual variance. */
  readonly variance: number;
  readonly degreesOfFreedom: number;
  /** Mean of x and its centred squares, which give the coefficients' covariance. */
  readonly controlMean: number;
  readonly controlSquares: number;
  readonly periods: number;
}

export interface TimeBasedRegression {
  readonly fit: PreperiodFit;
  /** Cumulative effect and its scale after each test period; the effect is t distributed around them. */
  readonly cumulative: readonly number[];
  readonly scales: readonly number[];
  /** The same at the end. */
  readonly effect: number;
  readonly scale: number;
  readonly lower: number;
  readonly upper: number;
  readonly chanceAboveZero: number;
  /** Cumulative effect over the counterfactual total; null when that is not above 0. */
  readonly relativeEffect: number | null;
  /** Incremental return on ad spend; null without spend. */
  readonly returnOnSpend: { readonly ratio: number; readonly lower: number; readonly upper: number } | null;
}

/**
 * Cumulative effect of the treatment: Delta_t = sum (y - a - b x), t distributed with n_pre - 2 degrees of
 * freedom and scale^2 = S' V S + t s^2, S = (t, sum x), V the coefficients' covariance. Throws `too_few`
 * below three pre-periods and `zero_variance` for a flat control or a perfect fit.
 */
export function timeBasedRegression(input: TimeBasedRegressionInput): TimeBasedRegression {
  const { control, treatment, prePeriods, level, tails, spend } = input;
  checkInput(input);
  const fit = fitPreperiod(control.slice(0, prePeriods), treatment.slice(0, prePeriods));
  const { cumulative, scales, counterfactual } = accumulate(input, fit);
  const effect = cumulative.at(-1) ?? 0;
  const scale = scales.at(-1) ?? 0;
  const tail = tails === 1 ? 1 - level : (1 - level) / 2;
  const half = -tQuantile(tail, fit.degreesOfFreedom) * scale;
  const lower = effect - half;
  const upper = tails === 1 ? Number.POSITIVE_INFINITY : effect + half;
  return {
    fit,
    cumulative,
    scales,
    effect,
    scale,
    lower,
    upper,
    chanceAboveZero: tCdf(effect / scale, fit.degreesOfFreedom),
    relativeEffect: counterfactual > 0 ? effect / counterfactual : null,
    returnOnSpend:
      spend === undefined ? null : { ratio: effect / spend, lower: lower / spend, upper: upper / spend },
  };
}

/** Least squares of treatment on control over the pre-period. Same errors as `timeBasedRegression`. */
export function fitPreperiod(control: readonly number[], treatment: readonly number[]): PreperiodFit {
  const periods = control.length;
  if (periods < 3) throw new ImpossibleInput('too_few', `${periods} periods before the start`);
  for (const value of [...control, ...treatment]) requireFinite('series', value);
  const controlMean = mean(control);
  const treatmentMean = mean(treatment);
  let [controlSquares, products, rawSquares] = [0, 0, 0];
  for (const [index, x] of control.entries()) {
    controlSquares += (x - controlMean) ** 2;
    products += (x - controlMean) * ((treatment[index] ?? Number.NaN) - treatmentMean);
    rawSquares += x * x;
  }
  if (controlSquares <= 1e-24 * rawSquares) throw new ImpossibleInput('zero_variance', 'the control is flat');
  const slope = products / controlSquares;
  let residualSquares = 0;
  for (const [index, x] of control.entries()) {
    residualSquares += ((treatment[index] ?? Number.NaN) - treatmentMean - slope * (x - controlMean)) ** 2;
  }
  const degreesOfFreedom = periods - 2;
  const variance = residualSquares / degreesOfFreedom;
  if (variance <= 1e-28 * treatmentMean ** 2) {
    throw new ImpossibleInput('zero_variance', 'the control fits the treatment exactly');
  }
  const intercept = treatmentMean - slope * controlMean;
  return { intercept, slope, variance, degreesOfFreedom, controlMean, controlSquares, periods };
}

/** Scale of the cumulative effect over `periods` periods in which the control adds up to `controlSum`. */
export function cumulativeScale(fit: PreperiodFit, periods: number, controlSum: number): number {
  // S' V S, written around the control's mean, where V is diagonal and nothing cancels.
  const offset = controlSum - periods * fit.controlMean;
  const coefficients = (periods * periods) / fit.periods + (offset * offset) / fit.controlSquares;
  return Math.sqrt(fit.variance * (coefficients + periods));
}

/** The cumulative effect and its scale after each test period, and what the model expected in total. */
function accumulate(
  { control, treatment, prePeriods, testPeriods }: TimeBasedRegressionInput,
  fit: PreperiodFit,
): { cumulative: number[]; scales: number[]; counterfactual: number } {
  const cumulative: number[] = [];
  const scales: number[] = [];
  let [effect, controlSum, counterfactual] = [0, 0, 0];
  for (let period = prePeriods; period < prePeriods + testPeriods; period += 1) {
    const x = control[period] ?? Number.NaN;
    const y = treatment[period] ?? Number.NaN;
    requireFinite('control', x);
    requireFinite('treatment', y);
    const expected = fit.intercept + fit.slope * x;
    effect += y - expected;
    controlSum += x;
    counterfactual += expected;
    cumulative.push(effect);
    scales.push(cumulativeScale(fit, cumulative.length, controlSum));
  }
  return { cumulative, scales, counterfactual };
}

function checkInput({ control, treatment, ...input }: TimeBasedRegressionInput): void {
  requireBetween('level', input.level, 0, 1);
  if (input.spend !== undefined) requireBetween('spend', input.spend, 0, Number.POSITIVE_INFINITY);
  if (!Number.isInteger(input.testPeriods) || input.testPeriods < 1) {
    throw new ImpossibleInput('no_data', `${input.testPeriods} test periods`);
  }
  const end = input.prePeriods + input.testPeriods;
  if (control.length < end || treatment.length < end) {
    throw new ImpossibleInput('too_few', `${Math.min(control.length, treatment.length)} periods of ${end}`);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
