// Boundaries of a test that is looked at several times, by spending alpha over the information gathered.
// It decides nothing and reads no data: given the information fractions it says what each look must exceed.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { normalQuantile, normalSf } from '../numerics/special.ts';
import { densityBefore, massBeyond, type SurvivingDensity, surviveLook } from './brownian-recursion.ts';
import { alphaSpent, type SequentialDesign } from './spending.ts';

/** What one look must exceed, and what it costs. */
export interface LookBoundary {
  /** Information at this look, as a fraction of the planned information. */
  readonly fraction: number;
  /** Alpha spent up to and including this look. */
  readonly alphaSpent: number;
  /** Z (one-sided) or |Z| (two-sided) rejects above this. At most `BOUNDARY_CEILING`. */
  readonly criticalValue: number;
  /** One-sided p-value that corresponds to the critical value. */
  readonly nominalP: number;
}

export interface LookOptions {
  /** The last of the looks closes the test: all remaining alpha is spent, however little information came. */
  readonly final?: boolean;
}

/** Stands for "cannot reject": the normal tail beyond it is not a double. Finite, so that it survives JSON. */
export const BOUNDARY_CEILING = 38.5;
/** Newton needs about eight steps; after this many, bisection finishes. */
const NEWTON_STEPS = 25;
/** Two looks closer than this, in fractions of the planned information, are one look. */
export const MINIMUM_INFORMATION_STEP = 1e-6;

/**
 * All boundaries of a plan, from the ascending information fractions of its looks (a fraction above 1 is an
 * overrun: it spends all alpha, at the true information). Look by look, the alpha newly spent equals the
 * probability of crossing there first under no effect (Lan and DeMets, Biometrika 1983). About 20 ms for 60
 * looks. Throws `no_data` without a look and `out_of_range` for fractions that do not ascend.
 */
export function boundaries(
  design: SequentialDesign,
  fractions: readonly number[],
  options: LookOptions = {},
): LookBoundary[] {
  checkFractions(fractions);
  const looks: LookBoundary[] = [];
  let surviving: SurvivingDensity | undefined;
  let spentBefore = 0;
  for (const [index, fraction] of fractions.entries()) {
    const isLast = index === fractions.length - 1;
    const spent = isLast && options.final ? alphaSpent(design, 1) : alphaSpent(design, fraction);
    const target = (spent - spentBefore) / design.sides;
    const criticalValue = solveBoundary(surviving, fraction, target);
    looks.push({ fraction, alphaSpent: spent, criticalValue, nominalP: normalSf(criticalValue) });
    spentBefore = spent;
    if (!isLast) {
      const region = continuation(criticalValue, fraction, design.sides);
      surviving = surviveLook(surviving, fraction, region, 0, fractions[index + 1]);
    }
  }
  return looks;
}

/**
 * The boundary of the latest look, given the fractions of all looks so far, in order. This is the daily
 * question: looks still to come do not matter. Same errors as `boundaries`.
 */
export function boundaryAt(
  design: SequentialDesign,
  fractionsSoFar: readonly number[],
  options: LookOptions = {},
): LookBoundary {
  const last = boundaries(design, fractionsSoFar, options).at(-1);
  if (!last) throw new ImpossibleInput('no_data', 'no look yet');
  return last;
}

/** Where the process may be at `time` without having stopped. */
export function continuation(criticalValue: number, time: number, sides: 1 | 2): readonly [number, number] {
  const edge = criticalValue * Math.sqrt(time);
  return [sides === 2 ? -edge : Number.NEGATIVE_INFINITY, edge];
}

/** Refuses fractions that are not finite, not above 0 or not ascending by the minimum step. */
export function checkFractions(fractions: readonly number[]): void {
  if (fractions.length === 0) throw new ImpossibleInput('no_data', 'a sequential plan needs a look');
  let before = 0;
  for (const fraction of fractions) {
    requireFinite('information fraction', fraction);
    if (fraction - before < MINIMUM_INFORMATION_STEP * (1 - 1e-9)) {
      throw new ImpossibleInput('out_of_range', `information fraction ${fraction} after ${before}`);
    }
    before = fraction;
  }
}

/** The z whose one-sided first crossing at `time` has probability `target`. */
function solveBoundary(surviving: SurvivingDensity | undefined, time: number, target: number): number {
  if (!(target > 0)) return BOUNDARY_CEILING;
  const root = Math.sqrt(time);
  if (!surviving) return Math.min(-normalQuantile(target), BOUNDARY_CEILING);
  let [low, high] = [-BOUNDARY_CEILING, BOUNDARY_CEILING];
  let z = Math.min(-normalQuantile(Math.min(target, 0.5)), BOUNDARY_CEILING);
  const logTarget = Math.log(target);
  // Newton on the log of the crossing probability, which is nearly quadratic in z, guarded by bisection.
  for (let step = 0; step < 100; step += 1) {
    const mass = massBeyond(surviving, time, z * root, 0);
    if (mass > target) low = z;
    else high = z;
    const slope = (-densityBefore(surviving, time, z * root, 0) * root) / mass;
    const proposed = z - (Math.log(mass) - logTarget) / slope;
    const isNewton = step < NEWTON_STEPS && proposed > low && proposed < high;
    const next = isNewton ? proposed : (low + high) / 2;
    if (Math.abs(next - z) <= 1e-13 * Math.max(1, Math.abs(z))) return next;
    z = next;
  }
  throw new ImpossibleInput('no_convergence', `no boundary at information ${time} for alpha ${target}`);
}
