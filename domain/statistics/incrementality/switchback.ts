// Switchback experiments: one market, treated and untreated in turns. The effect with slot-of-day dummies and
// with standard errors that allow for periods hanging together. Carry-over between turns is not modelled.
import { ImpossibleInput, requireFinite } from '../impossible.ts';

export interface SwitchbackInput {
  /** The metric, in time order. */
  readonly y: readonly number[];
  /** 1 where treated, 0 elsewhere. */
  readonly treated: readonly number[];
  /** Slot of day of each period: a dummy each. */
  readonly slot: readonly number[];
  /** Randomised block of each period, for the clustered standard error. */
  readonly block: readonly number[];
  /** Lags of the Newey-West estimate, a whole number >= 0. */
  readonly lags: number;
}

export interface Switchback {
  readonly effect: number;
  readonly standardErrors: {
    readonly ols: number;
    /** Newey and West 1987 with Bartlett weights, and the same times n / (n - k). */
    readonly hac: number;
    readonly hacCorrected: number;
    /** CR1 by block. */
    readonly block: number;
  };
}

/**
 * Least squares of y on treated and a dummy for each slot. Treated, cleaned of the dummies, is its deviation
 * from its slot's mean (Frisch, Waugh and Lovell), and every standard error is a sum over it. Throws
 * `zero_variance` when treatment never varies within a slot.
 */
export function switchback(input: SwitchbackInput): Switchback {
  const { block, lags } = input;
  if (!Number.isInteger(lags) || lags < 0) throw new ImpossibleInput('out_of_range', `lags is ${lags}`);
  checkLengths(input);
  const n = input.y.length;
  const parameters = 1 + new Set(input.slot).size;
  if (n <= parameters) throw new ImpossibleInput('too_few', `${n} periods, ${parameters} parameters`);
  const x = withinSlots(input.treated, input.slot);
  const y = withinSlots(input.y, input.slot);
  const squares = dot(x, x);
  if (squares < 1e-12) throw new ImpossibleInput('zero_variance', 'treatment does not vary within slots');
  const effect = dot(x, y) / squares;
  const residuals = y.map((value, index) => value - effect * (x[index] ?? 0));
  const scores = residuals.map((value, index) => value * (x[index] ?? 0));
  const hac = Math.sqrt(Math.max(0, longRunSquares(scores, lags))) / squares;
  const blocks = new Map<number, number>();
  for (const [index, score] of scores.entries()) {
    const key = block[index] ?? 0;
    blocks.set(key, (blocks.get(key) ?? 0) + score);
  }
  if (blocks.size < 2) throw new ImpossibleInput('too_few', 'a clustered error needs two blocks');
  const totals = [...blocks.values()];
  const factor = (blocks.size / (blocks.size - 1)) * ((n - 1) / (n - parameters));
  return {
    effect,
    standardErrors: {
      ols: Math.sqrt(dot(residuals, residuals) / (n - parameters) / squares),
      hac,
      hacCorrected: hac * Math.sqrt(n / (n - parameters)),
      block: Math.sqrt(dot(totals, totals) * factor) / squares,
    },
  };
}

/** Values minus the mean of their slot. */
function withinSlots(values: readonly number[], slot: readonly number[]): number[] {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [index, value] of values.entries()) {
    const entry = sums.get(slot[index] ?? 0) ?? { sum: 0, count: 0 };
    sums.set(slot[index] ?? 0, { sum: entry.sum + value, count: entry.count + 1 });
  }
  return values.map((value, index) => {
    const { sum, count } = sums.get(slot[index] ?? 0) ?? { sum: 0, count: 1 };
    return value - sum / count;
  });
}

/** Sum of squares plus twice the Bartlett-weighted lagged products. */
function longRunSquares(scores: readonly number[], lags: number): number {
  let total = dot(scores, scores);
  for (let lag = 1; lag <= lags; lag += 1) {
    total += 2 * (1 - lag / (lags + 1)) * dot(scores.slice(lag), scores);
  }
  return total;
}

/** Product over the length of the first list. */
function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

function checkLengths({ y, treated, slot, block }: SwitchbackInput): void {
  if (y.length === 0) throw new ImpossibleInput('no_data', 'no period');
  if ([treated, slot, block].some((list) => list.length !== y.length)) {
    throw new ImpossibleInput('contradictory_sums', 'the series differ in length');
  }
  for (const value of [...y, ...treated]) requireFinite('series', value);
}
