// Chooses the control markets for a given set of treated ones: those that moved with them.
// It reads only the matching window for choosing, so that the rest of the history can check the choice.
import { fitPreperiod } from '../incrementality/time-based-regression.ts';

export interface MarketMatch {
  /** Indices of the control markets, the best correlated first. */
  readonly controls: readonly number[];
  /** Totals over the whole history. */
  readonly controlTotal: readonly number[];
  readonly treatedTotal: readonly number[];
  /** Correlation of both totals in the matching window. */
  readonly correlation: number;
}

/**
 * Orders the other markets by correlation with the treated total over the first `matching` periods, and
 * takes as many of them, up to `maximum`, as give the smallest residual variance of the treated total on the
 * control total. Undefined when no market moves with the treated ones.
 */
export function matchControls(
  outcome: readonly (readonly number[])[],
  treated: readonly number[],
  matching: number,
  maximum: number,
): MarketMatch | undefined {
  const treatedTotal = sumOf(treated.map((index) => outcome[index] ?? []));
  const target = treatedTotal.slice(0, matching);
  const ranked = outcome
    .map((row, index) => ({ index, correlation: correlation(target, row.slice(0, matching)) }))
    .filter(({ index, correlation: r }) => !treated.includes(index) && r > 0)
    .sort((a, b) => b.correlation - a.correlation)
    .slice(0, maximum);
  let best: { variance: number; count: number } | undefined;
  let running: number[] = new Array<number>(matching).fill(0);
  for (const [position, { index }] of ranked.entries()) {
    running = running.map((value, period) => value + (outcome[index]?.[period] ?? 0));
    const { variance } = fitPreperiod(running, target);
    if (best === undefined || variance < best.variance) best = { variance, count: position + 1 };
  }
  if (best === undefined) return undefined;
  const controls = ranked.slice(0, best.count).map(({ index }) => index);
  const controlTotal = sumOf(controls.map((index) => outcome[index] ?? []));
  return {
    controls,
    controlTotal,
    treatedTotal,
    correlation: correlation(target, controlTotal.slice(0, matching)),
  };
}

/** Sum of several series, period by period. */
export function sumOf(rows: readonly (readonly number[])[]): number[] {
  const length = rows[0]?.length ?? 0;
  return Array.from({ length }, (_unused, period) => rows.reduce((sum, row) => sum + (row[period] ?? 0), 0));
}

/** Pearson correlation; 0 when either series is flat. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const n = a.length;
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < n; i += 1) {
    sumA += a[i] as number;
    sumB += b[i] as number;
  }
  let [products, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    const x = (a[i] as number) - sumA / n;
    const y = (b[i] as number) - sumB / n;
    products += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return squaresA > 0 && squaresB > 0 ? products / Math.sqrt(squaresA * squaresB) : 0;
}
