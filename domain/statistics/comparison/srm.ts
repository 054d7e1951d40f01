// Sample ratio mismatch: do the arms have the shares of users that the allocation promised?
// A mismatch means that the experiment is broken, whatever its metrics say; no metric is read here.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { chiSquareSf, logGamma } from '../numerics/special.ts';

export interface ChiSquareSrm {
  readonly chiSquare: number;
  readonly degreesOfFreedom: number;
  readonly p: number;
  /** log10 of p, right even where p itself underflows to 0. */
  readonly log10P: number;
}

/**
 * Chi-square test of the users by arm against the allocation weights (any positive scale). For ONE look: a
 * daily look needs `srmEvidence`. Arms of weight 0 count neither in the sum nor in the degrees of freedom;
 * users in such an arm are refused as `contradictory_sums`.
 */
export function chiSquareSrm(users: readonly number[], weights: readonly number[]): ChiSquareSrm {
  const { total, arms } = allocatedArms(users, weights);
  let chiSquare = 0;
  for (const { count, share } of arms) {
    const expected = share * total;
    chiSquare += (count - expected) ** 2 / expected;
  }
  const degreesOfFreedom = arms.length - 1;
  const p = chiSquareSf(chiSquare, degreesOfFreedom);
  return { chiSquare, degreesOfFreedom, p, log10P: log10ChiSquareSf(chiSquare, degreesOfFreedom, p) };
}

export interface SequentialSrm {
  /** ln of the evidence against the allocation: above ln(1/alpha) at any look, it is rejected at alpha. */
  readonly logEvidence: number;
  /** min(1, 1/evidence): valid at every look; keep the smallest of a stream of looks. */
  readonly p: number;
}

/** Prior weight of the allocation itself, in users: how far from it the alternative is spread. */
const DEFAULT_CONCENTRATION = 100;

/**
 * Evidence against the allocation that may be looked at every day: the Bayes factor of a Dirichlet
 * alternative centred on the allocation against the allocation itself, a martingale under the null (Lindon
 * and Malek, Anytime-Valid Inference for Multinomial Count Data, NeurIPS 2022). Jalon stops at alpha 0.001.
 */
export function srmEvidence(
  users: readonly number[],
  weights: readonly number[],
  concentration = DEFAULT_CONCENTRATION,
): SequentialSrm {
  requireFinite('concentration', concentration);
  if (concentration <= 0) throw new ImpossibleInput('out_of_range', `concentration is ${concentration}`);
  const { total, arms } = allocatedArms(users, weights);
  let logEvidence = logGamma(concentration) - logGamma(concentration + total);
  for (const { count, share } of arms) {
    const prior = concentration * share;
    logEvidence += logGamma(prior + count) - logGamma(prior) - count * Math.log(share);
  }
  return { logEvidence, p: Math.min(1, Math.exp(-logEvidence)) };
}

interface AllocatedArm {
  readonly count: number;
  /** Promised share of all users, above 0. */
  readonly share: number;
}

function allocatedArms(
  users: readonly number[],
  weights: readonly number[],
): { total: number; arms: AllocatedArm[] } {
  if (users.length !== weights.length) {
    throw new ImpossibleInput('contradictory_sums', `${users.length} arms but ${weights.length} weights`);
  }
  for (const [index, weight] of weights.entries()) {
    const count = users[index] ?? 0;
    requireFinite('weight', weight);
    requireFinite('users', count);
    if (weight < 0 || count < 0) throw new ImpossibleInput('out_of_range', 'a weight or a count is negative');
    if (weight === 0 && count > 0) {
      throw new ImpossibleInput('contradictory_sums', `${count} users in an arm of weight 0`);
    }
  }
  const total = users.reduce((sum, count) => sum + count, 0);
  const weight = weights.reduce((sum, value) => sum + value, 0);
  const arms = weights.flatMap((value, index) =>
    value > 0 ? [{ count: users[index] ?? 0, share: value / weight }] : [],
  );
  if (total === 0) throw new ImpossibleInput('no_data', 'no user in any arm');
  if (arms.length < 2) throw new ImpossibleInput('too_few', 'a mismatch needs two arms with a weight');
  return { total, arms };
}

/** Below this a tail is taken from the logarithm of its continued fraction. */
const SMALLEST_TAIL = 1e-290;

/** log10 of the chi-square tail; in the deep tail by Legendre's continued fraction for Gamma(a, x). */
function log10ChiSquareSf(chiSquare: number, df: number, p: number): number {
  if (p > SMALLEST_TAIL) return Math.log10(p);
  const a = df / 2;
  const x = chiSquare / 2;
  let fraction = 0;
  // x is several hundred here: sixty terms from the back are far more than it needs to settle.
  for (let k = 60; k >= 1; k -= 1) fraction = (k * (k - a)) / (x + 2 * k + 1 - a - fraction);
  const logTail = a * Math.log(x) - x - logGamma(a) - Math.log(x + 1 - a - fraction);
  return logTail * Math.LOG10E;
}
