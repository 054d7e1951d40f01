// What a test will cost before it is launched: units, whole weeks, money, and what its looks will ask for. Pure
// planning from a baseline; it reads no data and seals no plan.

import { type Money, times } from '../money.ts';
import type { ExperimentPlan } from '../playbook.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { mixturePrecision, mixtureRadius } from '../statistics/comparison/confidence-sequence.ts';
import { brentRoot } from '../statistics/numerics/root.ts';
import { normalQuantile } from '../statistics/numerics/special.ts';
import { boundaries } from '../statistics/planning/group-sequential.ts';
import { exitProbabilities } from '../statistics/planning/sequential-shape.ts';
import { checkDesignRequest, LARGEST_MULTIPLE } from './design-check.ts';
import { MINIMUM_DAYS } from './schedule.ts';

export type Baseline =
  | { readonly kind: 'proportion'; readonly rate: number }
  | { readonly kind: 'mean'; readonly mean: number; readonly standardDeviation: number };

export interface DesignRequest {
  /** The primary metric of control as it is today. */
  readonly baseline: Baseline;
  /** Smallest effect worth acting on, a fraction of the baseline; negative when lower is better. */
  readonly minimumEffect: number;
  /** Two-sided, over all treatment arms together. */
  readonly alpha: number;
  readonly power: number;
  /** With control. */
  readonly arms: number;
  /** Units that enter the test in a day, all arms together. */
  readonly dailyUnits: number;
  readonly costPerUnit?: Money;
  /**
   * Of a mean: expected correlation of a unit's value with its value in the period before, for a plan that adjusts by
   * it (CUPED). The variance is cut by its square.
   */
  readonly covariateCorrelation?: number;
  readonly method: ExperimentPlan['method'];
}

export interface ExperimentDesign {
  /** Needed in each arm, and in all, for the power asked for at the method's own daily looks. */
  readonly unitsPerArm: number;
  readonly totalUnits: number;
  /** Days until they are in, and the same in whole weeks. */
  readonly days: number;
  readonly weeks: number;
  /** What the traffic brings in these weeks: the plan's `plannedUnits`. */
  readonly plannedUnits: number;
  /** Of `plannedUnits`; null without a cost per unit. */
  readonly cost: Money | null;
  /** Days on which the test may be decided. */
  readonly looks: number;
  /** Units needed over those that a test with one look at its end would need. */
  readonly inflation: number;
  /** What |z| must exceed at the end of each week; one only for a fixed horizon. */
  readonly bounds: readonly WeeklyBound[];
  readonly powerCurve: readonly PowerPoint[];
}

export interface WeeklyBound {
  readonly week: number;
  readonly informationFraction: number;
  readonly bound: number;
}

/** What to expect with `plannedUnits` if the true effect is `effect`. */
export interface PowerPoint {
  readonly effect: number;
  /** Chance to find it, in its own direction. */
  readonly power: number;
  /** Mean length of the test in days, as it stops once it is decided. */
  readonly expectedDays: number;
}

const LONGEST_WEEKS = 52;
/** Longer tests are computed with fewer looks a week, at least two: the inflation moves by half a percent at most. */
const MOST_LOOKS = 66;
const CURVE = [0, 0.5, 0.75, 1, 1.25, 1.5, LARGEST_MULTIPLE] as const;

/**
 * The smallest test, in whole weeks, that finds the minimum effect with the power asked for under the method's daily
 * looks from day 7 on: alpha t^2 spending, or a confidence sequence tuned at the planned end, or one look. Alpha is
 * shared over the treatment arms (Bonferroni). Refuses impossible figures and tests of more than a year.
 */
export function designExperiment(request: DesignRequest): ExperimentDesign | Refusal {
  const errors = checkDesignRequest(request);
  if (errors.length > 0)
    return refuse('invalid_input', 'No test can be designed from these figures.', errors);
  const { method, arms, dailyUnits, minimumEffect, costPerUnit } = request;
  const alpha = request.alpha / (arms - 1);
  const fixed = fixedUnitsPerArm(request, alpha);
  let weeks = weeksFor(arms * fixed, dailyUnits);
  for (;;) {
    if (weeks > LONGEST_WEEKS) return tooLong(weeks, minimumEffect);
    const looks = looksOf(method, alpha, weeks);
    const inflation = (driftFor(looks, alpha, request.power) / fixedDrift(alpha, request.power)) ** 2;
    const unitsPerArm = Math.ceil(fixed * inflation);
    const needed = weeksFor(arms * unitsPerArm, dailyUnits);
    // More weeks have more looks and need slightly more units: the first length that suffices is the answer.
    if (needed > weeks) {
      weeks = needed;
      continue;
    }
    const plannedUnits = Math.floor(weeks * 7 * dailyUnits);
    return {
      unitsPerArm,
      totalUnits: arms * unitsPerArm,
      days: Math.ceil((arms * unitsPerArm) / dailyUnits),
      weeks,
      plannedUnits,
      cost: costPerUnit === undefined ? null : times(costPerUnit, String(plannedUnits)),
      looks: method === 'fixed_horizon' ? 1 : weeks * 7 - MINIMUM_DAYS + 1,
      inflation,
      bounds: weeklyBounds(looks, weeks),
      powerCurve: CURVE.map((multiple) =>
        powerPoint(request, looks, multiple * minimumEffect, { unitsPerArm: plannedUnits / arms, weeks }),
      ),
    };
  }
}

/** The looks of a test: information fractions and what |z| must exceed at each. */
interface Looks {
  readonly fractions: readonly number[];
  readonly critical: readonly number[];
}

function looksOf(method: ExperimentPlan['method'], alpha: number, weeks: number): Looks {
  if (method === 'fixed_horizon') return { fractions: [1], critical: [-normalQuantile(alpha / 2)] };
  const perWeek = weeks * 7 <= MOST_LOOKS ? 7 : Math.max(2, Math.floor(MOST_LOOKS / weeks));
  const fractions: number[] = [];
  for (let look = perWeek; look <= perWeek * weeks; look += 1) fractions.push(look / (perWeek * weeks));
  return { fractions, critical: criticalValues(method, alpha, fractions) };
}

function criticalValues(
  method: Exclude<ExperimentPlan['method'], 'fixed_horizon'>,
  alpha: number,
  fractions: readonly number[],
): number[] {
  if (method === 'group_sequential') {
    const design = { alpha, sides: 2, spending: { kind: 'power', exponent: 2 } } as const;
    return boundaries(design, fractions).map(({ criticalValue }) => criticalValue);
  }
  // Tuned at the planned end, the sequence depends on the fraction of its units alone.
  const squared = mixturePrecision(1, alpha) ** 2;
  return fractions.map((fraction) => mixtureRadius(fraction * squared, alpha));
}

function weeklyBounds({ fractions, critical }: Looks, weeks: number): WeeklyBound[] {
  return fractions.flatMap((informationFraction, index) => {
    const week = informationFraction * weeks;
    const bound = critical[index];
    const isWeekEnd = Math.abs(week - Math.round(week)) < 1e-9;
    return isWeekEnd && bound !== undefined ? [{ week: Math.round(week), informationFraction, bound }] : [];
  });
}

/** Chance of a first crossing in the effect's own direction at each look, and in the other one. */
function crossings({ fractions, critical }: Looks, drift: number) {
  return exitProbabilities(critical, fractions, 2, drift);
}

/** Mean of z at full information that the looks find with this power. */
function driftFor(looks: Looks, alpha: number, power: number): number {
  const fixed = fixedDrift(alpha, power);
  const gap = (drift: number) => total(crossings(looks, drift).upper) - power;
  return brentRoot(gap, fixed / 2, 2 * fixed + 1, { tolerance: 1e-7 });
}

/** The same for one look at the end, the far tail left out. */
function fixedDrift(alpha: number, power: number): number {
  return normalQuantile(power) - normalQuantile(alpha / 2);
}

type Spread = Pick<DesignRequest, 'baseline' | 'covariateCorrelation'>;

/** Variance of (treatment - control) times the units of an arm, at a relative effect. */
function spreadAt({ baseline, covariateCorrelation = 0 }: Spread, effect: number): number {
  if (baseline.kind === 'mean') return 2 * baseline.standardDeviation ** 2 * (1 - covariateCorrelation ** 2);
  const { rate } = baseline;
  const treated = rate * (1 + effect);
  return rate * (1 - rate) + treated * (1 - treated);
}

/** Units of one arm for a test with one look; a real number. */
function fixedUnitsPerArm(request: DesignRequest, alpha: number): number {
  const { baseline, minimumEffect, power } = request;
  const difference = minimumEffect * levelOf(baseline);
  return (fixedDrift(alpha, power) ** 2 * spreadAt(request, minimumEffect)) / difference ** 2;
}

function powerPoint(request: DesignRequest, looks: Looks, effect: number, size: Size): PowerPoint {
  const days = 7 * size.weeks;
  const error = Math.sqrt(spreadAt(request, effect) / size.unitsPerArm);
  const { upper, lower } = crossings(looks, Math.abs(effect * levelOf(request.baseline)) / error);
  let [expectedDays, stopped] = [0, 0];
  looks.fractions.forEach((fraction, look) => {
    const here = (upper[look] ?? 0) + (lower[look] ?? 0);
    expectedDays += here * fraction * days;
    stopped += here;
  });
  return { effect, power: total(upper), expectedDays: expectedDays + (1 - stopped) * days };
}

interface Size {
  readonly unitsPerArm: number;
  readonly weeks: number;
}

function levelOf(baseline: Baseline): number {
  return baseline.kind === 'mean' ? baseline.mean : baseline.rate;
}

function weeksFor(units: number, dailyUnits: number): number {
  return Math.max(1, Math.ceil(units / (7 * dailyUnits)));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function tooLong(weeks: number, effect: number): Refusal {
  const message = `${effect} would need ${weeks} weeks, more than ${LONGEST_WEEKS}: plan for a larger effect or more traffic.`;
  return refuse('invalid_input', 'The test would take too long.', [{ path: 'minimumEffect', message }]);
}
