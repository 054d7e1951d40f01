// Were treated and control units on parallel paths before the start? Difference-in-differences stands on it.
// A check can refute parallel trends, never prove them: a large p-value with a wide interval says little.
import { ImpossibleInput, requireBetween } from '../impossible.ts';
import { cholesky, solveCholesky } from '../numerics/cholesky.ts';
import { regularisedBeta, tQuantile, tSf } from '../numerics/special.ts';
import { differenceInDifferences, type Panel, panelShape } from './difference-in-differences.ts';

export interface PreTrend {
  /** Difference of the groups' slopes before the start, per period, with its clustered t test and interval. */
  readonly slopeDifference: number;
  readonly standardError: number;
  readonly p: number;
  readonly lower: number;
  readonly upper: number;
  /** What the slope difference alone, carried on, would add to the effect: compare the effect with it. */
  readonly impliedBias: number;
  /**
   * Joint test that every pre-period's gap equals the first one's (Hotelling's T^2 on the units' own gaps);
   * null with too few units for the number of periods.
   */
  readonly joint: { readonly f: number; readonly p: number } | null;
  /** Effect that the same method finds at a start moved to the middle of the pre-period; null below 4 periods. */
  readonly placeboEffect: { readonly effect: number; readonly p: number } | null;
}

/**
 * Pre-trend checks on the periods before the start only. Slopes are fitted unit by unit and compared between
 * the groups by Welch's t test, so that periods of one unit may hang together. Throws `too_few` below three
 * pre-periods or two units a group, `zero_variance` when the slopes do not vary.
 */
export function preTrend(panel: Panel, alpha: number): PreTrend {
  requireBetween('alpha', alpha, 0, 1);
  const { treated, periods } = panelShape(panel);
  const pre = panel.firstPostPeriod;
  if (pre < 3) throw new ImpossibleInput('too_few', `${pre} periods before the start`);
  const before = panel.y.map((row) => row.slice(0, pre));
  const groups = [true, false].map((side) => before.filter((_row, unit) => treated[unit] === side));
  const [treatedRows = [], controlRows = []] = groups;
  if (Math.min(treatedRows.length, controlRows.length) < 2) {
    throw new ImpossibleInput('too_few', 'a pre-trend needs two units in each group');
  }
  const slopes = [treatedRows, controlRows].map((rows) => meanAndError(rows.map(slope)));
  const [t, c] = [slopes[0] ?? NO_SPREAD, slopes[1] ?? NO_SPREAD];
  const standardError = Math.sqrt(t.error + c.error);
  if (standardError === 0) throw new ImpossibleInput('zero_variance', 'the slopes do not vary');
  const degrees = (t.error + c.error) ** 2 / (t.error ** 2 / (t.n - 1) + c.error ** 2 / (c.n - 1));
  const slopeDifference = t.mean - c.mean;
  const half = -tQuantile(alpha / 2, degrees) * standardError;
  return {
    slopeDifference,
    standardError,
    p: 2 * tSf(Math.abs(slopeDifference) / standardError, degrees),
    lower: slopeDifference - half,
    upper: slopeDifference + half,
    // Mean period after the start minus mean period before it, times the slope.
    impliedBias: (slopeDifference * periods) / 2,
    joint: jointTest(treatedRows, controlRows),
    placeboEffect: pre < 4 ? null : placeboEffect(panel, before, alpha),
  };
}

interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Variance of the mean. */
  readonly error: number;
}

const NO_SPREAD: Spread = { n: 0, mean: 0, error: 0 };

function placeboEffect(
  panel: Panel,
  before: readonly (readonly number[])[],
  alpha: number,
): { effect: number; p: number } {
  const firstPostPeriod = Math.floor(panel.firstPostPeriod / 2);
  const { effect, p } = differenceInDifferences(
    { y: before, treatedUnits: panel.treatedUnits, firstPostPeriod },
    'fixed_effects',
    alpha,
  );
  return { effect, p };
}

/** Least-squares slope of one unit's values over its periods. */
function slope(row: readonly number[]): number {
  const middle = (row.length - 1) / 2;
  let product = 0;
  let squares = 0;
  for (const [period, value] of row.entries()) {
    product += (period - middle) * value;
    squares += (period - middle) ** 2;
  }
  return product / squares;
}

function meanAndError(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, error: squares / (n - 1) / n };
}

/** Hotelling's two-sample T^2 on the vectors of gaps to each unit's first period. */
function jointTest(
  treated: readonly (readonly number[])[],
  control: readonly (readonly number[])[],
): { f: number; p: number } | null {
  const gaps = [treated, control].map((rows) =>
    rows.map((row) => row.slice(1).map((value) => value - (row[0] ?? 0))),
  );
  const [a = [], b = []] = gaps;
  const dimension = a[0]?.length ?? 0;
  const degrees = a.length + b.length - 2;
  const denominator = degrees - dimension + 1;
  if (denominator < 1) return null;
  const pooled = new Float64Array(dimension * dimension);
  const means = [a, b].map((rows) => columnMeans(rows, dimension));
  for (const [group, rows] of [a, b].entries()) addScatter(pooled, rows, means[group] ?? [], degrees);
  const difference = (means[0] ?? []).map((mean, index) => mean - (means[1]?.[index] ?? 0));
  const solved = solveCholesky(cholesky(pooled, dimension), difference);
  const distance = difference.reduce((sum, value, index) => sum + value * (solved[index] ?? 0), 0);
  const tSquared = ((a.length * b.length) / (a.length + b.length)) * distance;
  const f = (tSquared * denominator) / (degrees * dimension);
  const p = regularisedBeta(denominator / (denominator + dimension * f), denominator / 2, dimension / 2);
  return { f, p };
}

function columnMeans(rows: readonly (readonly number[])[], columns: number): number[] {
  return Array.from({ length: columns }, (_unused, column) =>
    rows.reduce((sum, row) => sum + (row[column] ?? 0) / rows.length, 0),
  );
}

/** Adds the rows' scatter around `means`, over `degrees`, to the matrix `into`. */
function addScatter(
  into: Float64Array,
  rows: readonly (readonly number[])[],
  means: readonly number[],
  degrees: number,
): void {
  for (const row of rows) {
    const centred = row.map((value, column) => value - (means[column] ?? 0));
    for (const [i, x] of centred.entries()) {
      for (const [j, z] of centred.entries()) {
        const index = i * centred.length + j;
        into[index] = (into[index] as number) + (x * z) / degrees;
      }
    }
  }
}
