// One arm against control at one look: whether they can be compared, and by how much they differ. Tests are on the
// difference of means; relative intervals are Fieller's, which contain 0 exactly when that test is not significant,
// so that what is printed and what was decided never contradict each other. Where the plan adjusts by a covariate,
// the difference is CUPED's, and a lift is that difference over control's own, unadjusted mean.

import type { ArmLook, MetricSeries } from '../experiment.ts';
import { type Effect, effectOf, relativeScale } from '../statistics/comparison/effect.ts';
import { type Moments, meanMoments, proportionMoments } from '../statistics/comparison/moments.ts';
import { type ImpossibleCode, ImpossibleInput } from '../statistics/impossible.ts';
import { type Adjustment, adjustedLift, adjustmentOf } from './adjustment.ts';

/** Fewer conversions (or non-conversions, when those are rarer) than this in an arm, and nothing is judged. */
export const MINIMUM_CONVERSIONS = 30;

/** The same for the units of a mean. */
export const MINIMUM_UNITS = 30;

export interface Comparison {
  /** Both arms as they are, without adjustment. */
  readonly control: Moments;
  readonly treatment: Moments;
  /** Treatment minus control, in the metric's own unit; what the plan adjusts by is taken out. */
  readonly effect: Effect;
  /** Null when nothing was taken out. */
  readonly adjustment: Adjustment | null;
}

export type WaitingFor = 'units' | 'days' | 'conversions' | 'sample';

/** `markets`: a geographic test cannot be read from its arms' sums, as people of one market are not independent. */
export type Impossibility = ImpossibleCode | 'markets';

export type Standing =
  | { readonly state: 'ready'; readonly comparison: Comparison }
  | { readonly state: 'waiting'; readonly waitingFor: WaitingFor }
  | { readonly state: 'impossible'; readonly why: Impossibility; readonly detail: string };

/** Sums of the same metric in both arms at one look; undefined when an arm has none. */
export interface Pair {
  readonly kind: MetricSeries['kind'];
  readonly adjusted: boolean;
  readonly control: ArmLook | undefined;
  readonly treatment: ArmLook | undefined;
}

/** Where a comparison stands: sums that contradict each other are told before samples that are too small. */
export function standingOf({ kind, adjusted, control, treatment }: Pair): Standing {
  if (control === undefined || treatment === undefined || control.n === 0 || treatment.n === 0) {
    return { state: 'waiting', waitingFor: 'units' };
  }
  try {
    const [a, b] = [momentsOf(kind, control), momentsOf(kind, treatment)];
    if (!isEnough(kind, control) || !isEnough(kind, treatment)) {
      return { state: 'waiting', waitingFor: kind === 'proportion' ? 'conversions' : 'sample' };
    }
    const effect = effectOf(a, b, 'absolute');
    const adjustment = adjusted && kind === 'mean' ? adjustmentOf(control, treatment, effect) : null;
    return {
      state: 'ready',
      comparison: { control: a, treatment: b, effect: adjustment?.effect ?? effect, adjustment },
    };
  } catch (problem) {
    if (!(problem instanceof ImpossibleInput)) throw problem;
    if (problem.code === 'too_few') return { state: 'waiting', waitingFor: 'sample' };
    return { state: 'impossible', why: problem.code, detail: problem.message };
  }
}

/** A control closer to 0 than this, in standard errors, has a sign by chance: a lift over it means nothing. */
const MINIMUM_BASELINE_Z = 3;

/** The relative effect with its delta-method standard error; null when control is not told apart from 0. */
export function relativeEffect({ control, treatment, adjustment }: Comparison): Effect | null {
  const noise = Math.sqrt(control.variance / control.n);
  if (Math.abs(control.mean) <= MINIMUM_BASELINE_Z * noise) return null;
  return adjustment === null ? effectOf(control, treatment, 'relative') : adjustedLift(adjustment);
}

export interface RelativeInterval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Fieller's interval (J. R. Statist. Soc. B 1954) of the relative effect: all lifts by which the difference may be a
 * multiple of control's mean, its |z| within the critical value, `critical.lower` deciding the lower end and `critical.upper` the upper one. Null when control is
 * not told apart from 0, as the lift is then unbounded.
 */
export function relativeInterval(
  comparison: Comparison,
  critical: { readonly lower: number; readonly upper: number },
): RelativeInterval | null {
  const atLower = liftRoots(comparison, critical.lower);
  const atUpper = liftRoots(comparison, critical.upper);
  if (atLower === null || atUpper === null) return null;
  if (comparison.control.mean < 0) return { lower: 0 - atLower[1], upper: 0 - atUpper[0] };
  return { lower: atLower[0], upper: atUpper[1] };
}

/** Both r at which |difference - r control| is `z` standard errors. */
function liftRoots(comparison: Comparison, z: number): readonly [number, number] | null {
  const { control, effect } = comparison;
  const squared = z * z;
  const a = control.mean ** 2 - (squared * control.variance) / control.n;
  const b = effect.estimate * control.mean - squared * covarianceOf(comparison);
  const c = effect.estimate ** 2 - squared * effect.standardError ** 2;
  const discriminant = b * b - a * c;
  if (a <= 0 || discriminant < 0) return null;
  const root = Math.sqrt(discriminant);
  return [(b - root) / a, (b + root) / a];
}

/**
 * How far treatment is from the worst that the margin allows, above 0 when it is better than that. The contrast
 * is linear in both means, so that nothing is divided by control. Throws `zero_baseline` when control's mean is 0.
 */
export function marginEffect(comparison: Comparison, margin: number, better: 1 | -1): Effect {
  const { control, effect } = comparison;
  const allowed = margin * relativeScale(control.mean);
  const share = better * margin * Math.sign(control.mean);
  const variance =
    effect.standardError ** 2 +
    (share * share * control.variance) / control.n +
    2 * share * covarianceOf(comparison);
  return { ...effect, estimate: better * effect.estimate + allowed, standardError: Math.sqrt(variance) };
}

/** Covariance of the difference with control's mean: without adjustment, minus the variance of that mean. */
function covarianceOf({ control, adjustment }: Comparison): number {
  return adjustment === null ? -control.variance / control.n : adjustment.covarianceWithControl;
}

/**
 * z of treatment minus control, or null where they cannot be compared: `standingOf` says why. Called for every
 * look of every experiment.
 */
export function zOf(pair: Pair): number | null {
  const standing = standingOf(pair);
  if (standing.state !== 'ready') return null;
  const { estimate, standardError } = standing.comparison.effect;
  return estimate / standardError;
}

function momentsOf(kind: MetricSeries['kind'], { n, sum, sumSquares }: ArmLook): Moments {
  if (kind === 'proportion') return proportionMoments({ n, successes: sum });
  if (sumSquares === null) throw new ImpossibleInput('no_data', 'the sum of squares is missing');
  return meanMoments({ n, sum, sumSquares });
}

function isEnough(kind: MetricSeries['kind'], { n, sum }: ArmLook): boolean {
  return kind === 'proportion' ? Math.min(sum, n - sum) >= MINIMUM_CONVERSIONS : n >= MINIMUM_UNITS;
}
