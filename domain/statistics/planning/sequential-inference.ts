// What may be claimed from a group-sequential test: estimates and intervals that allow for having looked
// several times. The raw estimate of a test that stopped on success is too large on average; these are not.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { brentRoot, expandBracket } from '../numerics/root.ts';
import { boundaryAt } from './group-sequential.ts';
import type { SequentialDesign } from './spending.ts';
import { type SequentialPath, stagewiseTails } from './stagewise-tails.ts';

/** A sequential test as it stood at its last look. */
export interface SequentialOutcome {
  readonly sides: 1 | 2;
  /** Information fractions of all looks taken, in order. */
  readonly fractions: readonly number[];
  /** Critical values used at those looks; that of the last look is not needed. */
  readonly criticalValues: readonly number[];
  /** Raw estimate of the effect at the last look, in any unit. */
  readonly estimate: number;
  /** Its standard error, above 0, in the same unit. */
  readonly standardError: number;
}

export interface StagewiseEstimate {
  /** Median-unbiased estimate of the effect, in the unit of the raw one. */
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** P(an outcome at least as far towards a positive effect | no effect). */
  readonly pGreater: number;
  /** Twice the smaller tail, at most 1. */
  readonly pTwoSided: number;
}

/**
 * Median-unbiased estimate and exact interval at level 1 - `alpha` by the stagewise ordering: stopping
 * earlier at the upper bound is stronger evidence for a positive effect, then the larger Z (Tsiatis, Rosner
 * and Mehta, Biometrics 1984; Jennison and Turnbull 2000, chapter 8). Meant for a test that has stopped.
 */
export function stagewiseEstimate(outcome: SequentialOutcome, alpha: number): StagewiseEstimate {
  requireBetween('alpha', alpha, 0, 1);
  const { estimate, standardError } = outcome;
  requireFinite('estimate', estimate);
  requireFinite('standardError', standardError);
  if (standardError <= 0) throw new ImpossibleInput('zero_variance', `standard error is ${standardError}`);
  const path: SequentialPath = { ...outcome, z: estimate / standardError };
  const { upperAt, pGreater, pLess } = stagewiseTails(path);
  const root = Math.sqrt(outcome.fractions.at(-1) ?? 1);
  // The drift is the mean of Z at full information: an effect d has drift d / (se * sqrt(time)).
  const unit = standardError * root;
  const start = path.z / root;
  const effectAt = (level: number) => {
    const gap = (drift: number) => upperAt(drift) - level;
    const [low, high] = expandBracket(gap, start - 2 / root, start + 2 / root);
    return unit * (low === high ? low : brentRoot(gap, low, high, { tolerance: 1e-10 }));
  };
  return {
    estimate: effectAt(0.5),
    lower: effectAt(alpha / 2),
    upper: effectAt(1 - alpha / 2),
    pGreater,
    pTwoSided: Math.min(1, 2 * Math.min(pGreater, pLess)),
  };
}

/**
 * Repeated confidence interval at one look: valid at every look at once, whether or not the test stops
 * (Jennison and Turnbull, JRSS B 1989). For a one-sided test the upper end is Infinity.
 */
export function repeatedInterval(
  estimate: number,
  standardError: number,
  criticalValue: number,
  sides: 1 | 2,
): { lower: number; upper: number } {
  requireFinite('estimate', estimate);
  if (!(standardError > 0)) throw new ImpossibleInput('zero_variance', `standard error is ${standardError}`);
  const half = criticalValue * standardError;
  return { lower: estimate - half, upper: sides === 2 ? estimate + half : Number.POSITIVE_INFINITY };
}

/**
 * Repeated p-value at the latest look: the alpha at which its boundary would equal the observed z. Valid
 * at every look, stopped or not. Solves some twenty plans.
 */
export function repeatedPValue(
  design: SequentialDesign,
  fractionsSoFar: readonly number[],
  z: number,
): number {
  requireFinite('z', z);
  const observed = design.sides === 2 ? Math.abs(z) : z;
  const gap = (logAlpha: number) =>
    boundaryAt({ ...design, alpha: Math.exp(logAlpha) }, fractionsSoFar).criticalValue - observed;
  const [low, high] = [Math.log(1e-300), Math.log1p(-1e-9)];
  if (gap(high) >= 0) return 1;
  if (gap(low) <= 0) return 1e-300;
  return Math.exp(brentRoot(gap, low, high, { tolerance: 1e-9 }));
}
