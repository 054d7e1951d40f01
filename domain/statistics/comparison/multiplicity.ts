// Adjusting p-values when several questions are asked at once. Family-wise methods (Bonferroni, Holm,
// Hochberg, Sidak) bound the chance of any false positive, BH and BY the share of false ones among those found.
import { ImpossibleInput, requireBetween } from '../impossible.ts';

export const multiplicityMethods = [
  'bonferroni',
  'holm',
  'hochberg',
  'bh',
  'by',
  'sidak',
  'holm_sidak',
] as const;
export type MultiplicityMethod = (typeof multiplicityMethods)[number];

export interface Adjusted {
  /** Adjusted p-values in the order of the input; equal inputs stay equal. */
  readonly adjusted: readonly number[];
  /** Whether each is at most alpha. */
  readonly reject: readonly boolean[];
}

/** One step of a method: the raw adjusted value of the p-value with this rank (1 is the smallest) of m. */
type Step = (p: number, rank: number, m: number) => number;

interface Rule {
  readonly step: Step;
  /** `down`: running maximum from the smallest p. `up`: running minimum from the largest. */
  readonly direction: 'down' | 'up' | 'single';
}

const rules: Readonly<Record<MultiplicityMethod, Rule>> = {
  bonferroni: { step: (p, _rank, m) => m * p, direction: 'single' },
  sidak: { step: (p, _rank, m) => sidak(p, m), direction: 'single' },
  holm: { step: (p, rank, m) => (m - rank + 1) * p, direction: 'down' },
  holm_sidak: { step: (p, rank, m) => sidak(p, m - rank + 1), direction: 'down' },
  hochberg: { step: (p, rank, m) => (m - rank + 1) * p, direction: 'up' },
  bh: { step: (p, rank, m) => (m * p) / rank, direction: 'up' },
  by: { step: (p, rank, m) => (m * harmonic(m) * p) / rank, direction: 'up' },
};

/**
 * Adjusts p-values: Bonferroni; Sidak 1967; Holm 1979 and its Sidak form; Hochberg 1988; Benjamini and
 * Hochberg 1995 (`bh`, for independent or positively dependent questions); Benjamini and Yekutieli 2001
 * (`by`, any dependence). Throws `no_data` for an empty list and `out_of_range` for a p outside of [0, 1].
 */
export function adjustPValues(
  method: MultiplicityMethod,
  pValues: readonly number[],
  alpha: number,
): Adjusted {
  requireBetween('alpha', alpha, 0, 1);
  if (pValues.length === 0) throw new ImpossibleInput('no_data', 'no p-value to adjust');
  for (const p of pValues) {
    if (!(p >= 0 && p <= 1)) throw new ImpossibleInput('out_of_range', `p-value is ${p}`);
  }
  const { step, direction } = rules[method];
  const m = pValues.length;
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const stepped = order.map(({ p }, position) => Math.min(1, step(p, position + 1, m)));
  const monotone = makeMonotone(stepped, direction);
  const adjusted = new Array<number>(m).fill(1);
  for (const [position, { index }] of order.entries()) adjusted[index] = monotone[position] ?? 1;
  return { adjusted, reject: adjusted.map((p) => p <= alpha) };
}

/** 1 - (1 - p)^k without losing a small p. */
function sidak(p: number, k: number): number {
  return -Math.expm1(k * Math.log1p(-p));
}

/** 1 + 1/2 + ... + 1/m. */
function harmonic(m: number): number {
  let sum = 0;
  for (let k = 1; k <= m; k += 1) sum += 1 / k;
  return sum;
}

function makeMonotone(values: readonly number[], direction: Rule['direction']): number[] {
  const result = [...values];
  if (direction === 'down') {
    for (let i = 1; i < result.length; i += 1) result[i] = Math.max(result[i] ?? 0, result[i - 1] ?? 0);
  } else if (direction === 'up') {
    for (let i = result.length - 2; i >= 0; i -= 1) result[i] = Math.min(result[i] ?? 1, result[i + 1] ?? 1);
  }
  return result;
}
