// Sequential boundaries of a fixed shape (Pocock, O'Brien-Fleming), the chances of crossing any boundary,
// and what a sequential plan costs in sample size. Looks must be known beforehand: for looks decided as the
// data come in, use the spending functions of `group-sequential.ts`.
import { ImpossibleInput, requireBetween } from '../impossible.ts';
import { brentRoot } from '../numerics/root.ts';
import { normalQuantile, normalSf } from '../numerics/special.ts';
import { massBeyond, type SurvivingDensity, surviveLook } from './brownian-recursion.ts';
import type { LookBoundary } from './group-sequential.ts';
import { BOUNDARY_CEILING, boundaries, checkFractions, continuation } from './group-sequential.ts';
import type { SequentialDesign } from './spending.ts';

export type BoundaryShape = 'pocock' | 'obrien_fleming';

/** Chance of stopping at each look for the first time, at the upper and (two-sided) at the lower bound. */
export interface ExitProbabilities {
  readonly upper: readonly number[];
  readonly lower: readonly number[];
}

/**
 * Chances of first crossing `criticalValues` at each look, when the mean of Z at information fraction t is
 * `drift` * sqrt(t). With drift 0 the sum over looks and sides is the false-positive rate.
 */
export function exitProbabilities(
  criticalValues: readonly number[],
  fractions: readonly number[],
  sides: 1 | 2,
  drift = 0,
): ExitProbabilities {
  checkFractions(fractions);
  const upper: number[] = [];
  const lower: number[] = [];
  let surviving: SurvivingDensity | undefined;
  for (const [index, fraction] of fractions.entries()) {
    const criticalValue = criticalValues[index];
    if (criticalValue === undefined) throw new ImpossibleInput('too_few', `no bound for look ${index + 1}`);
    const region = continuation(criticalValue, fraction, sides);
    upper.push(massBeyond(surviving, fraction, region[1], drift));
    lower.push(sides === 2 ? massBeyond(surviving, fraction, region[0], drift, -1) : 0);
    surviving = surviveLook(surviving, fraction, region, drift, fractions[index + 1]);
  }
  return { upper, lower };
}

/**
 * Boundaries with one constant c: c at every look (Pocock 1977) or c / sqrt(fraction) (O'Brien and Fleming
 * 1979), c chosen so that the chance of crossing any of them under no effect is `alpha`.
 */
export function shapedBoundaries(
  shape: BoundaryShape,
  alpha: number,
  sides: 1 | 2,
  fractions: readonly number[],
): LookBoundary[] {
  requireBetween('alpha', alpha, 0, 1);
  checkFractions(fractions);
  const valuesFor = (c: number) =>
    fractions.map((t) => Math.min(BOUNDARY_CEILING, shape === 'pocock' ? c : c / Math.sqrt(t)));
  const crossing = (c: number) => total(exitProbabilities(valuesFor(c), fractions, sides));
  // One look alone needs at least the fixed-sample value; Bonferroni over the looks is always enough.
  const atTheEnd = shape === 'pocock' ? 1 : Math.sqrt(fractions.at(-1) ?? 1);
  const first = shape === 'pocock' ? 1 : Math.sqrt(fractions[0] ?? 1);
  const low = -normalQuantile(alpha / sides) * Math.min(first, atTheEnd);
  const high = -normalQuantile(alpha / sides / fractions.length) * atTheEnd;
  const values = valuesFor(
    brentRoot((c) => crossing(c) - alpha, low - 0.01, high + 0.01, { tolerance: 1e-12 }),
  );
  const exits = exitProbabilities(values, fractions, sides);
  let spent = 0;
  return fractions.map((fraction, index) => {
    spent += (exits.upper[index] ?? 0) + (exits.lower[index] ?? 0);
    const criticalValue = values[index] ?? BOUNDARY_CEILING;
    return { fraction, alphaSpent: spent, criticalValue, nominalP: normalSf(criticalValue) };
  });
}

/** Power of a plan when the mean of Z at full information is `drift`: the chance of an upper crossing. */
export function sequentialPower(
  design: SequentialDesign,
  fractions: readonly number[],
  drift: number,
): number {
  const values = boundaries(design, fractions).map((look) => look.criticalValue);
  return exitProbabilities(values, fractions, design.sides, drift).upper.reduce((sum, p) => sum + p, 0);
}

/**
 * By how much the sample of a one-look test must grow so that the sequential plan keeps the same `power`
 * against the same effect. 1.0 means no cost; alpha t^2 with daily looks costs about a tenth.
 */
export function inflationFactor(
  design: SequentialDesign,
  fractions: readonly number[],
  power: number,
): number {
  requireBetween('power', power, design.alpha, 1);
  const values = boundaries(design, fractions).map((look) => look.criticalValue);
  const gain = (drift: number) =>
    exitProbabilities(values, fractions, design.sides, drift).upper.reduce((sum, p) => sum + p, 0) - power;
  const fixed = -normalQuantile(design.alpha / design.sides) + normalQuantile(power);
  const needed = brentRoot(gain, fixed / 2, fixed * 2 + 1, { tolerance: 1e-9 });
  return (needed / fixed) ** 2;
}

function total({ upper, lower }: ExitProbabilities): number {
  return upper.reduce((sum, p) => sum + p, 0) + lower.reduce((sum, p) => sum + p, 0);
}
