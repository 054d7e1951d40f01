// Tests against a margin: "not worse by more than" (non-inferiority) and "no different by more than"
// (equivalence). They take an estimate with its standard error, from whichever estimator gave it.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { tCdf, tQuantile, tSf } from '../numerics/special.ts';

export interface MarginTest {
  /** Treatment minus control, absolute or relative: in the unit of the margin. */
  readonly estimate: number;
  /** Standard error of the estimate, above 0. */
  readonly standardError: number;
  /** Of the standard error, above 0. */
  readonly degreesOfFreedom: number;
  /** The loss that is still acceptable, above 0. */
  readonly margin: number;
  /** One-sided false-positive rate, between 0 and 1. */
  readonly alpha: number;
}

export interface NonInferiority {
  readonly t: number;
  /** One-sided p-value of "worse by at least the margin". */
  readonly p: number;
  /** The confidence bound on the side of harm, at level 1 - alpha. */
  readonly bound: number;
  readonly nonInferior: boolean;
}

/**
 * Non-inferiority. Where higher is better the null is estimate <= -margin: t = (estimate + margin) / se,
 * p = P(T > t), and the lower bound must lie above -margin. Where lower is better, the mirror image.
 */
export function testNonInferiority(test: MarginTest, higherIsBetter: boolean): NonInferiority {
  check(test);
  const { estimate, standardError, degreesOfFreedom, margin, alpha } = test;
  const half = -tQuantile(alpha, degreesOfFreedom) * standardError;
  if (higherIsBetter) {
    const t = (estimate + margin) / standardError;
    const bound = estimate - half;
    return { t, p: tSf(t, degreesOfFreedom), bound, nonInferior: bound > -margin };
  }
  const t = (estimate - margin) / standardError;
  const bound = estimate + half;
  return { t, p: tCdf(t, degreesOfFreedom), bound, nonInferior: bound < margin };
}

export interface Equivalence {
  /** The larger of the two one-sided p-values. */
  readonly p: number;
  /** Interval at level 1 - 2 alpha, which lies within the margins exactly when equivalent. */
  readonly lower: number;
  readonly upper: number;
  readonly equivalent: boolean;
}

/** Equivalence within +- margin by two one-sided tests (Schuirmann 1987). */
export function testEquivalence(test: MarginTest): Equivalence {
  check(test);
  const { estimate, standardError, degreesOfFreedom, margin, alpha } = test;
  const half = -tQuantile(alpha, degreesOfFreedom) * standardError;
  const p = Math.max(
    tSf((estimate + margin) / standardError, degreesOfFreedom),
    tCdf((estimate - margin) / standardError, degreesOfFreedom),
  );
  const [lower, upper] = [estimate - half, estimate + half];
  return { p, lower, upper, equivalent: lower > -margin && upper < margin };
}

function check({ estimate, standardError, degreesOfFreedom, margin, alpha }: MarginTest): void {
  requireFinite('estimate', estimate);
  requireFinite('standardError', standardError);
  if (standardError <= 0) throw new ImpossibleInput('zero_variance', `standard error is ${standardError}`);
  if (!(degreesOfFreedom > 0)) throw new ImpossibleInput('too_few', `${degreesOfFreedom} degrees of freedom`);
  requireBetween('margin', margin, 0, Number.POSITIVE_INFINITY);
  requireBetween('alpha', alpha, 0, 1);
}
