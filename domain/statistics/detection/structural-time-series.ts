// A structural time series with known variances: a wandering level, an optional season and regressors, filtered over
// a pre-period and projected beyond it, against which an effect is added up. It does not estimate the variances.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { requireNonNegative, requirePositive, requireWhole } from '../numerics/range.ts';
import { normalCdf } from '../numerics/special.ts';

export interface StructuralModel {
  /** Variances of one observation's noise and of one period's move of the level and of the season. */
  readonly irregularVariance: number;
  readonly levelVariance: number;
  readonly seasonalVariance: number;
  /** Observations in a season; 0 or 1 for none. */
  readonly seasonLength: number;
  /** Mean of the first level; that of the season is 0. */
  readonly initialLevel: number;
  /** Variance of each part of the first state, before the first observation. */
  readonly initialVariance: number;
}

export interface StructuralInput {
  readonly values: readonly number[];
  /** A row of regressors for each value, empty for none, and their coefficients. */
  readonly regressors: readonly (readonly number[])[];
  readonly coefficients: readonly number[];
  /** Number of values before the intervention; the rest is projected, at least one. */
  readonly before: number;
}

export interface StructuralProjection {
  /** Log-likelihood of the values before the intervention. */
  readonly logLikelihood: number;
  /** What would have been observed after it, regressors included. */
  readonly means: readonly number[];
  /** Variances of those projections, each on its own. */
  readonly variances: readonly number[];
  /** Observed less projected, added up over all periods after it. */
  readonly cumulativeEffect: number;
  /** Its standard error, with the correlation between the projections. */
  readonly cumulativeSd: number;
  /** P(effect > 0) under the model. */
  readonly probabilityPositive: number;
}

/** Mean and covariance (row by row) of the state: the level, then the last seasonLength - 1 seasonal effects. */
interface Belief {
  readonly mean: Float64Array;
  readonly covariance: readonly Float64Array[];
}

/**
 * Kalman filter and forecast (Harvey 1989, sections 3.2 and 4.1, dummy seasonal; Brodersen and others 2015 for the
 * use). Throws `too_few` without a period on either side and `contradictory_sums` for rows of unequal length.
 */
export function projectStructural(model: StructuralModel, input: StructuralInput): StructuralProjection {
  checkInput(model, input);
  const fitted = input.regressors.map((row) => dot(row, input.coefficients));
  const adjusted = input.values.map((value, index) => value - (fitted[index] ?? 0));
  let belief = initialBelief(model);
  let logLikelihood = 0;
  for (const value of adjusted.slice(0, input.before)) {
    const variance = observedVariance(model, belief);
    const surprise = value - observe(model, belief.mean);
    logLikelihood -= 0.5 * (Math.log(2 * Math.PI * variance) + surprise ** 2 / variance);
    belief = predict(model, update(model, belief, surprise, variance));
  }
  const [means, variances]: [number[], number[]] = [[], []];
  let [cumulativeEffect, cumulativeVariance] = [0, 0];
  for (let index = input.before; index < adjusted.length; index += 1) {
    const projected = observe(model, belief.mean);
    const variance = observedVariance(model, belief);
    means.push(projected + (fitted[index] ?? 0));
    variances.push(variance);
    cumulativeEffect += (adjusted[index] ?? 0) - projected;
    cumulativeVariance += variance + 2 * laterCovariance(model, belief, adjusted.length - 1 - index);
    belief = predict(model, belief);
  }
  const cumulativeSd = Math.sqrt(cumulativeVariance);
  const probabilityPositive = normalCdf(cumulativeEffect / cumulativeSd);
  return { logLikelihood, means, variances, cumulativeEffect, cumulativeSd, probabilityPositive };
}

function initialBelief(model: StructuralModel): Belief {
  const size = Math.max(1, model.seasonLength);
  const mean = new Float64Array(size);
  mean[0] = model.initialLevel;
  const covariance = Array.from({ length: size }, (_, row) => {
    const line = new Float64Array(size);
    line[row] = model.initialVariance;
    return line;
  });
  return { mean, covariance };
}

/** What the state shows: the level, plus the season of this period. */
function observe({ seasonLength }: StructuralModel, state: ArrayLike<number>): number {
  return (state[0] ?? 0) + (seasonLength > 1 ? (state[1] ?? 0) : 0);
}

/** The state's covariance with what it shows. */
function shownCovariance(model: StructuralModel, { covariance }: Belief): Float64Array {
  return Float64Array.from(covariance, (row) => observe(model, row));
}

function observedVariance(model: StructuralModel, belief: Belief): number {
  return observe(model, shownCovariance(model, belief)) + model.irregularVariance;
}

function update(model: StructuralModel, belief: Belief, surprise: number, variance: number): Belief {
  const shown = shownCovariance(model, belief);
  const mean = belief.mean.map((value, row) => value + ((shown[row] ?? 0) / variance) * surprise);
  const covariance = belief.covariance.map((line, row) =>
    line.map((value, column) => value - ((shown[row] ?? 0) * (shown[column] ?? 0)) / variance),
  );
  return { mean, covariance };
}

function predict(model: StructuralModel, { mean, covariance }: Belief): Belief {
  // T P T': the step is taken on the rows, and on the rows of the transpose.
  const half = transpose(covariance.map(step));
  const moved = half.map(step);
  const [level, season] = [moved[0], moved[1]];
  if (level !== undefined) level[0] = (level[0] ?? 0) + model.levelVariance;
  if (season !== undefined) season[1] = (season[1] ?? 0) + model.seasonalVariance;
  return { mean: step(mean), covariance: moved };
}

/** The level stays; the new season makes a whole cycle add up to nothing, and pushes out the oldest. */
function step(state: Float64Array): Float64Array {
  const next = new Float64Array(state.length);
  next[0] = state[0] ?? 0;
  for (let index = 1; index < state.length; index += 1) {
    next[1] = (next[1] ?? 0) - (state[index] ?? 0);
    if (index > 1) next[index] = state[index - 1] ?? 0;
  }
  return next;
}

function transpose(rows: readonly Float64Array[]): Float64Array[] {
  return rows.map((_, column) => Float64Array.from(rows, (row) => row[column] ?? 0));
}

/** Sum of the covariances of this period's projection with those of so many later ones. */
function laterCovariance(model: StructuralModel, belief: Belief, periods: number): number {
  let carried = shownCovariance(model, belief);
  let sum = 0;
  for (let period = 0; period < periods; period += 1) {
    carried = step(carried);
    sum += observe(model, carried);
  }
  return sum;
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

function checkInput(
  model: StructuralModel,
  { values, regressors, coefficients, before }: StructuralInput,
): void {
  requirePositive('irregularVariance', model.irregularVariance);
  requireNonNegative('levelVariance', model.levelVariance);
  requireNonNegative('seasonalVariance', model.seasonalVariance);
  requireNonNegative('initialVariance', model.initialVariance);
  requireWhole('seasonLength', model.seasonLength);
  requireFinite('initialLevel', model.initialLevel);
  if (before < 1 || before >= values.length) {
    throw new ImpossibleInput('too_few', `${before} of ${values.length} values are before the intervention`);
  }
  if (regressors.length !== values.length || regressors.some((row) => row.length !== coefficients.length)) {
    throw new ImpossibleInput('contradictory_sums', 'each value needs a regressor for every coefficient');
  }
  for (const value of [...values, ...coefficients, ...regressors.flat()]) requireFinite('value', value);
}
