// Synthetic control on chosen predictors, whose importance is itself fitted (Abadie, Diamond and Hainmueller, JASA
// 2010, section 2.3). Slower than the fit on outcomes alone, and for use where the predictors are given.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { minimise } from '../numerics/nelder-mead.ts';
import { leastNormOnSimplex } from '../numerics/simplex-least-squares.ts';

/** One predictor of the outcome, known for every market before the start. */
export interface Predictor {
  readonly treated: number;
  readonly donors: readonly number[];
}

export interface PredictorControlInput {
  /** Outcome of the treated market, period by period, and of the donors: donors[j][period]. */
  readonly treated: readonly number[];
  readonly donors: readonly (readonly number[])[];
  readonly prePeriods: number;
  readonly predictors: readonly Predictor[];
}

export interface PredictorControl {
  /** Weight of each donor, not negative, adding up to 1. */
  readonly weights: readonly number[];
  /** Importance of each predictor, in standard deviations of it over the markets; they add up to 1. */
  readonly importance: readonly number[];
  /** Mean squared gap before the start. */
  readonly meanSquaredGap: number;
  /** Treated minus synthetic, every period, and its mean after the start. */
  readonly gap: readonly number[];
  readonly effect: number;
}

/** Scattered starts beside the even one and one for each predictor: the outer problem has many local minima. */
const SCATTERED_STARTS = 24;
/** In natural logarithms: importances in the starts differ by up to e^6. */
const SPREAD = 6;
/** No predictor counts for less than this share of the leading one: below, rounding would choose the donors. */
const LEAST_IMPORTANCE = 1e-5;
const GLANCE = { step: 1.5, tolerance: 1e-3, maximumEvaluations: 300 } as const;
const SEARCH = { step: 1, tolerance: 1e-8, maximumEvaluations: 10_000 } as const;
/** The most promising starts are searched to the end. */
const FINALISTS = 3;

/**
 * Donor weights that come closest in the predictors, with the predictors' importance chosen so that the outcomes
 * before the start are met best. The outer search goes a short way from some thirty fixed points and to the end from
 * the best of them; the inner problem is solved exactly. The same input gives the same answer, in a second or two for
 * forty markets. Throws `too_few` without a predictor or
 * a period on either side, `zero_variance` for a predictor that is the same everywhere.
 */
export function predictorControl(input: PredictorControlInput): PredictorControl {
  const rows = scaledDistances(input);
  const { treated, donors, prePeriods } = input;
  const fitAt = (logs: readonly number[]) => {
    const importance = softmax(logs);
    const vectors = donors.map((_donor, j) =>
      rows.map((row, k) => (row[j] ?? 0) * Math.sqrt(importance[k] ?? 0)),
    );
    return { importance, weights: leastNormOnSimplex(vectors).weights };
  };
  const meanSquaredGap = (weights: readonly number[]) => {
    let sum = 0;
    for (let period = 0; period < prePeriods; period += 1) {
      sum += gapAt(treated, donors, weights, period) ** 2;
    }
    return sum / prePeriods;
  };
  const objective = (logs: readonly number[]) => {
    try {
      return meanSquaredGap(fitAt(logs).weights);
    } catch (problem) {
      // Importances too far apart for the inner problem to settle: not a candidate.
      if (problem instanceof ImpossibleInput && problem.code === 'no_convergence') {
        return Number.POSITIVE_INFINITY;
      }
      throw problem;
    }
  };
  const glances = startsFor(rows.length).map((start) => minimise(objective, [start], GLANCE));
  const finalists = glances.sort((left, right) => left.value - right.value).slice(0, FINALISTS);
  const starts = finalists.map(({ point }) => point);
  const best = fitAt(minimise(objective, starts, SEARCH).point);
  const gap = treated.map((_value, period) => gapAt(treated, donors, best.weights, period));
  const after = gap.slice(prePeriods);
  return {
    ...best,
    meanSquaredGap: meanSquaredGap(best.weights),
    gap,
    effect: after.reduce((sum, value) => sum + value, 0) / after.length,
  };
}

/** By predictor and donor: donor less treated, in standard deviations of the predictor over all markets. */
function scaledDistances({ treated, donors, prePeriods, predictors }: PredictorControlInput): number[][] {
  if (predictors.length === 0) throw new ImpossibleInput('too_few', 'no predictor');
  if (donors.length === 0) throw new ImpossibleInput('no_data', 'no donor');
  if (!Number.isInteger(prePeriods) || prePeriods < 1 || prePeriods >= treated.length) {
    throw new ImpossibleInput('too_few', `${prePeriods} pre-periods of ${treated.length}`);
  }
  if (donors.some((donor) => donor.length !== treated.length)) {
    throw new ImpossibleInput('contradictory_sums', 'the series differ in length');
  }
  for (const value of [treated, ...donors].flat()) requireFinite('outcome', value);
  return predictors.map((predictor) => {
    if (predictor.donors.length !== donors.length) {
      throw new ImpossibleInput('contradictory_sums', 'a predictor needs a value for every donor');
    }
    const values = [predictor.treated, ...predictor.donors];
    for (const value of values) requireFinite('predictor', value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    if (squares === 0) throw new ImpossibleInput('zero_variance', 'a predictor is the same everywhere');
    const sd = Math.sqrt(squares / (values.length - 1));
    return predictor.donors.map((value) => (value - predictor.treated) / sd);
  });
}

/** Logarithms of importance: even, each predictor leading, and points scattered by the golden ratio's relatives. */
function startsFor(order: number): number[][] {
  const even = Array<number>(order).fill(0);
  const leading = even.map((_zero, k) => even.map((_value, axis) => (axis === k ? SPREAD / 2 : 0)));
  // The generalised golden ratio spreads points evenly in any number of dimensions (Roberts 2018).
  let ratio = 2;
  for (let step = 0; step < 30; step += 1) ratio = (1 + ratio) ** (1 / (order + 1));
  const scattered = Array.from({ length: SCATTERED_STARTS }, (_unused, index) =>
    even.map((_zero, axis) => SPREAD * ((0.5 + (index + 1) / ratio ** (axis + 1)) % 1)),
  );
  return [even, ...leading, ...scattered];
}

function softmax(logs: readonly number[]): number[] {
  const largest = Math.max(...logs);
  const raw = logs.map((value) => Math.max(Math.exp(value - largest), LEAST_IMPORTANCE));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}

function gapAt(
  treated: readonly number[],
  donors: readonly (readonly number[])[],
  weights: readonly number[],
  period: number,
): number {
  let gap = treated[period] ?? 0;
  for (let j = 0; j < donors.length; j += 1) {
    const weight = weights[j] ?? 0;
    if (weight > 0) gap -= weight * (donors[j]?.[period] ?? 0);
  }
  return gap;
}
