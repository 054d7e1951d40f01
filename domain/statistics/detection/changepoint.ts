// Changes of level in a series, found all at once by exact optimal partitioning (Jackson and others 2005).
// It weighs cost against a penalty and makes no claim of significance; alarm.ts chooses the penalty.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { requireNonNegative, requireWhole } from '../numerics/range.ts';

export interface ChangepointOptions {
  /** What one more change must save in squared error: 3 variance ln n is a usual choice. */
  readonly penalty: number;
  /** Fewest observations between two changes. */
  readonly minimumLength: number;
}

export interface Segmentation {
  /** Index of the first observation of every segment but the first, ascending. */
  readonly breakpoints: readonly number[];
  /** Squared error around the segment means, plus the penalty of each break. */
  readonly totalCost: number;
}

/**
 * The breakpoints of least cost. Time grows with the square of the length: a year of hours takes about a tenth
 * of a second, so no pruning (PELT), whose rule does not hold as it stands with a minimum length.
 * Throws `too_few` when the series is shorter than one segment.
 */
export function findChangepoints(values: readonly number[], options: ChangepointOptions): Segmentation {
  const { penalty, minimumLength } = options;
  checkInput(values, options);
  const [sums, squares] = prefixSums(values);
  const length = values.length;
  // best[end] is the least cost of the first `end` values, one penalty too many included.
  const best = new Float64Array(length + 1).fill(Number.POSITIVE_INFINITY);
  const lastStart = new Int32Array(length + 1);
  best[0] = 0;
  for (let end = minimumLength; end <= length; end += 1) {
    let least = Number.POSITIVE_INFINITY;
    let from = 0;
    const [sumEnd, squareEnd] = [sums[end] as number, squares[end] as number];
    for (let start = 0; start <= end - minimumLength; start += 1) {
      const sum = sumEnd - (sums[start] as number);
      const within = squareEnd - (squares[start] as number) - (sum * sum) / (end - start);
      const cost = (best[start] as number) + within;
      if (cost < least) {
        least = cost;
        from = start;
      }
    }
    best[end] = least + penalty;
    lastStart[end] = from;
  }
  const breakpoints: number[] = [];
  for (let end = lastStart[length] ?? 0; end > 0; end = lastStart[end] ?? 0) breakpoints.unshift(end);
  return { breakpoints, totalCost: partitionCost(values, breakpoints) + penalty * breakpoints.length };
}

/** Squared error around the means of the segments that the breakpoints cut the series into. */
export function partitionCost(values: readonly number[], breakpoints: readonly number[]): number {
  let cost = 0;
  for (const { start, end } of segments(values.length, breakpoints)) {
    const part = values.slice(start, end);
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    for (const value of part) cost += (value - mean) ** 2;
  }
  return cost;
}

/** The stretches between breakpoints, `end` excluded. */
export function segments(length: number, breakpoints: readonly number[]): { start: number; end: number }[] {
  const starts = [0, ...breakpoints];
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? length }));
}

/** Sums of the values less their mean, and of their squares: differences of these keep their digits. */
function prefixSums(values: readonly number[]): [sums: Float64Array, squares: Float64Array] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sums = new Float64Array(values.length + 1);
  const squares = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) {
    sums[index + 1] = (sums[index] ?? 0) + (value - mean);
    squares[index + 1] = (squares[index] ?? 0) + (value - mean) ** 2;
  }
  return [sums, squares];
}

function checkInput(values: readonly number[], { penalty, minimumLength }: ChangepointOptions): void {
  requireNonNegative('penalty', penalty);
  requireWhole('minimumLength', minimumLength, 1);
  if (values.length < minimumLength) {
    throw new ImpossibleInput('too_few', `${values.length} values, expected at least ${minimumLength}`);
  }
  for (const value of values) requireFinite('value', value);
}
