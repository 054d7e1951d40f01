// Boundaries of a test that is looked at several times, by spending alpha over the information gathered.
// It decides nothing and reads no data: given the information fractions it says what each look must exceed.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { normalQuantile, normalSf } from '../numerics/special.ts';
import { densityFunction, massBeyond, type SurvivingDensity, surviveLook } from './brownian-recursion.ts';
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

/** A look and what is needed to add the next one without solving those before again. */
export interface SequentialState {
  readonly look: LookBoundary;
  /** The process just before this look, on the paths that no look before has stopped. */
  readonly before: SurvivingDensity | undefined;
}

/** Stands for "cannot reject": the normal tail beyond it is not a double. Finite, so that it survives JSON. */
export const BOUNDARY_CEILING = 38.5;
/** Newton needs about five steps; after this many, bisection finishes. */
const NEWTON_STEPS = 25;
/** Newton doubles the digits: after a step as small as this, the next would be below what a double shows. */
const LAST_NEWTON_STEP = 1e-8;
/** Two looks closer than this, in fractions of the planned information, are one look. */
export const MINIMUM_INFORMATION_STEP = 1e-6;

/**
 * All boundaries of a plan, from the ascending information fractions of its looks (a fraction above 1 is an
 * overrun: it spends all alpha, at the true information). Look by look, the alpha newly spent equals the
 * probability of crossing there first under no effect (Lan and DeMets, Biometrika 1983). Throws `no_data`
 * without a look and `out_of_range` for fractions that do not ascend.
 */
export function boundaries(
  design: SequentialDesign,
  fractions: readonly number[],
  options: LookOptions = {},
): LookBoundary[] {
  checkFractions(fractions);
  let state: SequentialState | undefined;
  return fractions.map((fraction, index) => {
    const isLast = index === fractions.length - 1;
    state = nextLook(design, state, fraction, isLast ? options : {});
    return state.look;
  });
}

/**
 * One look more, after the looks of `state` (undefined before the first): the daily step of a test that runs.
 * `boundaries` is a chain of these. Throws `out_of_range` for a fraction that does not ascend.
 */
export function nextLook(
  design: SequentialDesign,
  state: SequentialState | undefined,
  fraction: number,
  options: LookOptions = {},
): SequentialState {
  checkStep(state?.look.fraction ?? 0, fraction);
  const spent = alphaSpent(design, options.final ? 1 : fraction);
  const target = (spent - (state?.look.alphaSpent ?? 0)) / design.sides;
  const before = state && survivorsOf(state, design.sides, fraction);
  const criticalValue = solveBoundary(before, fraction, target, state?.look.criticalValue);
  const look = { fraction, alphaSpent: spent, criticalValue, nominalP: normalSf(criticalValue) };
  return { look, before };
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
    checkStep(before, fraction);
    before = fraction;
  }
}

function checkStep(before: number, fraction: number): void {
  requireFinite('information fraction', fraction);
  if (fraction - before < MINIMUM_INFORMATION_STEP * (1 - 1e-9)) {
    throw new ImpossibleInput('out_of_range', `information fraction ${fraction} after ${before}`);
  }
}

/** The process on the paths that the look of `state` has not stopped either, ready for a look at `nextTime`. */
function survivorsOf({ look, before }: SequentialState, sides: 1 | 2, nextTime: number): SurvivingDensity {
  return surviveLook(
    before,
    look.fraction,
    continuation(look.criticalValue, look.fraction, sides),
    0,
    nextTime,
  );
}

/** The z whose one-sided first crossing at `time` has probability `target`; `guess` is the look before's. */
function solveBoundary(
  surviving: SurvivingDensity | undefined,
  time: number,
  target: number,
  guess = BOUNDARY_CEILING,
): number {
  if (!(target > 0)) return BOUNDARY_CEILING;
  const unadjusted = Math.min(-normalQuantile(Math.min(target, 0.5)), BOUNDARY_CEILING);
  if (!surviving) return unadjusted;
  const root = Math.sqrt(time);
  let [low, high] = [-BOUNDARY_CEILING, BOUNDARY_CEILING];
  let z = Math.min(unadjusted, guess);
  const logTarget = Math.log(target);
  const densityAt = densityFunction(surviving, time, 0, BOUNDARY_CEILING * root);
  // Newton on the log of the crossing probability, which is nearly quadratic in z, guarded by bisection.
  for (let step = 0; step < 100; step += 1) {
    const mass = massBeyond(surviving, time, z * root, 0);
    if (mass > target) low = z;
    else high = z;
    const slope = (-densityAt(z * root) * root) / mass;
    const proposed = z - (Math.log(mass) - logTarget) / slope;
    const isNewton = step < NEWTON_STEPS && proposed > low && proposed < high;
    const next = isNewton ? proposed : (low + high) / 2;
    const settled = isNewton ? LAST_NEWTON_STEP : 1e-13;
    if (Math.abs(next - z) <= settled * Math.max(1, Math.abs(z))) return next;
    z = next;
  }
  throw new ImpossibleInput('no_convergence', `no boundary at information ${time} for alpha ${target}`);
}
