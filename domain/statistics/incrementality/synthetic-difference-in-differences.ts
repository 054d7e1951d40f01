// Synthetic difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens and Wager, AER 2021, algorithm 1): units
// weighted as in synthetic control, periods weighted too, and levels allowed to differ. Point estimate only.
import { ImpossibleInput } from '../impossible.ts';
import { leastNormOnSimplex } from '../numerics/simplex-least-squares.ts';
import { type Panel, panelShape } from './difference-in-differences.ts';

export interface SyntheticDifference {
  /** Mean effect on the treated after the start, in the unit of y. */
  readonly effect: number;
  /** Of the control units and of the periods before the start, in the panel's order; each adds up to 1. */
  readonly unitWeights: readonly number[];
  readonly periodWeights: readonly number[];
}

/**
 * The weighted two-by-two difference. Unit weights carry a ridge of the paper's size, (treated cells)^(1/4) times the
 * standard deviation of the controls' moves before the start, so that no single unit carries all; period weights
 * carry next to none. Throws as `differenceInDifferences`, and `too_few` below two periods before the start.
 */
export function syntheticDifference(panel: Panel): SyntheticDifference {
  const { periods, treated } = panelShape(panel);
  const start = panel.firstPostPeriod;
  if (start < 2) throw new ImpossibleInput('too_few', `${start} periods before the start, two are needed`);
  const controls = panel.y.filter((_row, unit) => !treated[unit]);
  const treatedRows = panel.y.filter((_row, unit) => treated[unit]);
  const target = columnMeans(treatedRows);
  const before = controls.map((row) => row.slice(0, start));
  const noise = moveDeviation(before);
  const ridge = (treatedRows.length * (periods - start)) ** 0.25 * noise;
  const unitWeights = balancing(before, target.slice(0, start), ridge);
  const columns = Array.from({ length: start }, (_unused, period) => controls.map((row) => row[period] ?? 0));
  const after = controls.map((row) => mean(row.slice(start)));
  const periodWeights = balancing(columns, after, 1e-6 * noise);
  const change = (row: readonly number[]) =>
    mean(row.slice(start)) - row.slice(0, start).reduce((sum, y, t) => sum + y * (periodWeights[t] ?? 0), 0);
  const expected = controls.reduce((sum, row, unit) => sum + (unitWeights[unit] ?? 0) * change(row), 0);
  return { effect: change(target) - expected, unitWeights, periodWeights };
}

/**
 * Simplex weights for `series` that follow `target` up to a constant: least squares with a free intercept, which
 * centring takes care of, and ridge^2 times the length of the series times the squared norm of the weights.
 */
function balancing(
  series: readonly (readonly number[])[],
  target: readonly number[],
  ridge: number,
): readonly number[] {
  const centredTarget = centred(target);
  const penalty = ridge * Math.sqrt(target.length);
  const vectors = series.map((row, j) => [
    ...centred(row).map((value, at) => value - (centredTarget[at] ?? 0)),
    ...series.map((_other, k) => (k === j ? penalty : 0)),
  ]);
  return leastNormOnSimplex(vectors).weights;
}

/** Standard deviation of the moves from one period to the next. */
function moveDeviation(rows: readonly (readonly number[])[]): number {
  const moves = rows.flatMap((row) => row.slice(1).map((value, period) => value - (row[period] ?? 0)));
  if (moves.length < 2) throw new ImpossibleInput('too_few', 'two moves of controls are needed');
  const squares = centred(moves).reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares / (moves.length - 1));
}

function columnMeans(rows: readonly (readonly number[])[]): number[] {
  return (rows[0] ?? []).map((_value, period) => mean(rows.map((row) => row[period] ?? 0)));
}

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
