// Synthetic control: a treated market against a weighted mean of untreated ones that followed it before the
// start (Abadie, Diamond and Hainmueller, JASA 2010). Outcomes only, no other predictors; inference by
// placebo. The choice of markets and of the start is the caller's.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { cholesky, solveCholesky } from '../numerics/cholesky.ts';
import { leastNormOnSimplex } from '../numerics/simplex-least-squares.ts';

export interface SyntheticControlInput {
  /** Outcome of the treated market, period by period. */
  readonly treated: readonly number[];
  /** Outcomes of the donors: donors[j][period]. */
  readonly donors: readonly (readonly number[])[];
  /** Periods before the start, at least 2. */
  readonly prePeriods: number;
  /** Weight of each pre-period in the fit, above or equal to 0; all 1 when left out. */
  readonly periodWeights?: readonly number[];
}

export interface SyntheticControl {
  /** Weight of each donor, not negative, adding up to 1. */
  readonly weights: readonly number[];
  /** Weighted sum of squared gaps before the start, which the weights minimise. */
  readonly objective: number;
  /** True when no other weights fit as well. */
  readonly unique: boolean;
  /** Treated minus synthetic, every period. */
  readonly gap: readonly number[];
  /** Mean gap after the start. */
  readonly effect: number;
  /** Root mean squared gap before and after, unweighted, and after over before. */
  readonly rmspePre: number;
  readonly rmspePost: number;
  readonly rmspeRatio: number;
}

/**
 * Fits the donors' weights on the pre-periods and reads the effect off the gap afterwards. Throws `too_few`
 * for less than two pre-periods, one post-period or one donor, and `zero_variance` for a perfect fit, after
 * which the ratio means nothing.
 */
export function syntheticControl(input: SyntheticControlInput): SyntheticControl {
  checkInput(input);
  const result = fitDonors(input);
  if (result.rmspePre === 0) throw new ImpossibleInput('zero_variance', 'the donors fit the treated exactly');
  return result;
}

export interface PlaceboTest {
  /** Post/pre ratio that each donor would have had, had it been the treated one; null for a perfect fit. */
  readonly ratios: readonly (number | null)[];
  /** Share of units, the treated one included, whose ratio is at least the treated one's. */
  readonly p: number;
}

/**
 * Permutation test in space: every donor in turn is fitted on the other donors (never on the treated one).
 * The smallest p that J donors can give is 1/(J+1). Throws `too_few` below two donors.
 */
export function placeboTest(input: SyntheticControlInput, observedRatio: number): PlaceboTest {
  checkInput(input);
  if (input.donors.length < 2) throw new ImpossibleInput('too_few', 'a placebo needs two donors');
  const ratios = input.donors.map((donor, index) => {
    const others = input.donors.filter((_other, position) => position !== index);
    const { rmspePre, rmspeRatio } = fitDonors({ ...input, treated: donor, donors: others });
    return rmspePre === 0 ? null : rmspeRatio;
  });
  // A donor that fits perfectly counts as at least as extreme: that can only make p larger.
  const asExtreme = ratios.filter((ratio) => ratio === null || ratio >= observedRatio).length;
  return { ratios, p: (1 + asExtreme) / (ratios.length + 1) };
}

export interface AugmentedControl {
  /** Weights after the correction: they add up to 1, some may be negative. */
  readonly weights: readonly number[];
  readonly effect: number;
  readonly gap: readonly number[];
}

/**
 * Ridge-augmented weights (Ben-Michael, Feller and Rothstein, JASA 2021): corrects what the simplex weights
 * leave unfitted, w + X (X'X + lambda I)^-1 (x1 - X'w), with pre-periods centred on the donors' mean.
 * `lambda` above 0: the larger it is, the closer to the plain synthetic control.
 */
export function ridgeAugmented(
  input: SyntheticControlInput,
  weights: readonly number[],
  lambda: number,
): AugmentedControl {
  checkInput(input);
  requireFinite('lambda', lambda);
  if (lambda <= 0) throw new ImpossibleInput('out_of_range', `lambda is ${lambda}`);
  const { donors, treated, prePeriods } = input;
  const order = donors.length;
  const means = Array.from(
    { length: prePeriods },
    (_unused, period) => donors.reduce((sum, donor) => sum + (donor[period] ?? 0), 0) / order,
  );
  const centred = donors.map((donor) => means.map((mean, period) => (donor[period] ?? 0) - mean));
  const unfitted = means.map(
    (mean, period) => (treated[period] ?? 0) - mean - weightedSum(centred, weights, period),
  );
  // X (X'X + l I)^-1 = (X X' + l I)^-1 X: one system, as large as the number of donors.
  const system = new Float64Array(order * order);
  for (const [i, a] of centred.entries()) {
    for (const [j, b] of centred.entries()) system[i * order + j] = dot(a, b) + (i === j ? lambda : 0);
  }
  const products = centred.map((donor) => dot(donor, unfitted));
  const correction = solveCholesky(cholesky(system, order), products);
  const augmented = weights.map((weight, index) => weight + (correction[index] ?? 0));
  const gap = gapOf(treated, donors, augmented);
  return { weights: augmented, gap, effect: mean(gap.slice(prePeriods)) };
}

function fitDonors({ treated, donors, prePeriods, periodWeights }: SyntheticControlInput): SyntheticControl {
  const vectors = donors.map((donor) =>
    Array.from(
      { length: prePeriods },
      (_unused, period) =>
        ((donor[period] ?? 0) - (treated[period] ?? 0)) * Math.sqrt(periodWeights?.[period] ?? 1),
    ),
  );
  const { weights, objective, unique } = leastNormOnSimplex(vectors);
  const gap = gapOf(treated, donors, weights);
  const rmspePre = rootMeanSquare(gap.slice(0, prePeriods));
  const rmspePost = rootMeanSquare(gap.slice(prePeriods));
  return {
    weights,
    objective,
    unique,
    gap,
    effect: mean(gap.slice(prePeriods)),
    rmspePre,
    rmspePost,
    rmspeRatio: rmspePost / rmspePre,
  };
}

function gapOf(
  treated: readonly number[],
  donors: readonly (readonly number[])[],
  weights: readonly number[],
): number[] {
  return treated.map((value, period) => value - weightedSum(donors, weights, period));
}

function weightedSum(
  rows: readonly (readonly number[])[],
  weights: readonly number[],
  column: number,
): number {
  return rows.reduce((sum, row, index) => sum + (weights[index] ?? 0) * (row[column] ?? 0), 0);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value * value)));
}

function checkInput({ treated, donors, prePeriods, periodWeights }: SyntheticControlInput): void {
  if (donors.length === 0) throw new ImpossibleInput('no_data', 'no donor');
  if (!Number.isInteger(prePeriods) || prePeriods < 2 || prePeriods >= treated.length) {
    throw new ImpossibleInput('too_few', `${prePeriods} pre-periods of ${treated.length}`);
  }
  for (const series of [treated, ...donors]) {
    if (series.length !== treated.length) {
      throw new ImpossibleInput('contradictory_sums', 'the series differ in length');
    }
    for (const value of series) requireFinite('outcome', value);
  }
  if (periodWeights === undefined) return;
  if (periodWeights.length !== prePeriods || periodWeights.some((weight) => !(weight >= 0))) {
    throw new ImpossibleInput('out_of_range', 'period weights must be one a pre-period and not negative');
  }
}
