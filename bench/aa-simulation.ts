// Simulated experiments that are looked at every day, read by the decision function that readExperiment itself uses.
// Says how often each method finds a difference; the limits it is held to are its caller's.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { type BoundaryBook, createBoundaryBook } from '../domain/experiment/boundaries.ts';
import { decide, type PairSeries } from '../domain/experiment/decision.ts';
import { type Schedule, scheduleOf } from '../domain/experiment/schedule.ts';
import type { ArmLook, ExperimentData } from '../domain/experiment.ts';
import type { ExperimentPlan } from '../domain/playbook.ts';
import { normalQuantile } from '../domain/statistics/numerics/special.ts';

export const ALPHA = 0.05;
export const POWER = 0.8;
const BASE_RATE = 0.1;
export const DAILY_UNITS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface SimulationSize {
  readonly seed: number;
  readonly experiments: number;
  /** Daily looks of each experiment; the plan ends with the last one. */
  readonly looks: number;
}

/** Share of the experiments in which a method found a difference. */
export interface Found {
  readonly groupSequential: number;
  readonly confidenceSequence: number;
  /** A fixed-horizon test, read every day as if that day were its planned end. */
  readonly peeking: number;
  /** The same test read once, at its end. */
  readonly fixedHorizon: number;
}

/** Without any effect: the false-positive rates. */
export function falsePositives(size: SimulationSize): Found {
  return simulate(size, BASE_RATE);
}

/** With the effect that a fixed test of all looks finds with 80% power. */
export function powerAtMinimumEffect(size: SimulationSize): Found {
  return simulate(size, detectableRate(size.looks * DAILY_UNITS));
}

function simulate({ seed, experiments, looks }: SimulationSize, treatmentRate: number): Found {
  const random = xoroshiro128plus(seed);
  const book = createBoundaryBook();
  const schedules = schedulesOf(looks);
  const [drawControl, drawTreatment] = [BASE_RATE, treatmentRate].map((rate) => binomialDraw(rate));
  const control = emptyLooks(looks);
  const treatment = emptyLooks(looks);
  const pair: PairSeries = { kind: 'proportion', adjusted: false, control, treatment };
  const counts = { groupSequential: 0, confidenceSequence: 0, peeking: 0, fixedHorizon: 0 };
  for (let experiment = 0; experiment < experiments; experiment += 1) {
    fill(control, random, drawControl);
    fill(treatment, random, drawTreatment);
    if (finds('group_sequential', pair, schedules.planned, book)) counts.groupSequential += 1;
    if (finds('confidence_sequence', pair, schedules.open, book)) counts.confidenceSequence += 1;
    if (schedules.peeks.some((peek) => finds('fixed_horizon', pair, peek, book))) counts.peeking += 1;
    if (finds('fixed_horizon', pair, schedules.planned, book)) counts.fixedHorizon += 1;
  }
  return {
    groupSequential: counts.groupSequential / experiments,
    confidenceSequence: counts.confidenceSequence / experiments,
    peeking: counts.peeking / experiments,
    fixedHorizon: counts.fixedHorizon / experiments,
  };
}

export function finds(
  method: ExperimentPlan['method'],
  pair: PairSeries,
  schedule: Schedule,
  book: BoundaryBook,
): boolean {
  return decide({ method, alpha: ALPHA }, pair, schedule, book).side !== 0;
}

/** The product's schedules, and the impatient analyst's: every day is the planned end, from the first one on. */
export function schedulesOf(looks: number): { planned: Schedule; open: Schedule; peeks: Schedule[] } {
  const unitsByLook = Array.from({ length: looks }, (_unused, look) => (look + 1) * DAILY_UNITS);
  const data: ExperimentData = {
    looks,
    units: { control: unitsByLook, treatment: unitsByLook },
    metrics: [],
  };
  const plan: ExperimentPlan = {
    kind: 'ab',
    control: 'control',
    treatments: ['treatment'],
    unit: 'visitor',
    primaryMetric: 'cvr',
    minimumEffect: '0.05',
    alpha: ALPHA,
    power: POWER,
    plannedUnits: 2 * looks * DAILY_UNITS,
    weights: { control: 0.5, treatment: 0.5 },
    method: 'group_sequential',
    grade: 'randomised',
  };
  return {
    planned: scheduleOf(plan, data, looks * DAY_MS),
    open: scheduleOf({ ...plan, method: 'confidence_sequence' }, data, looks * DAY_MS),
    peeks: unitsByLook.map((_units, look) => ({
      looks: [look],
      fractions: [1],
      closing: look,
      current: look,
    })),
  };
}

type MutableLook = { -readonly [Key in keyof ArmLook]: ArmLook[Key] };

function emptyLooks(looks: number): MutableLook[] {
  return Array.from({ length: looks }, (_unused, look) => ({
    n: (look + 1) * DAILY_UNITS,
    sum: 0,
    sumSquares: null,
  }));
}

function fill(
  looks: MutableLook[],
  random: RandomGenerator,
  draw: ((uniform: number) => number) | undefined,
): void {
  let total = 0;
  for (const look of looks) {
    total += draw?.(uniformFloat64(random)) ?? Number.NaN;
    look.sum = total;
  }
}

/** Exact binomial conversions of one day's units, by inverting the distribution function. */
function binomialDraw(rate: number): (uniform: number) => number {
  const cumulative = new Float64Array(DAILY_UNITS + 1);
  let mass = (1 - rate) ** DAILY_UNITS;
  let total = 0;
  for (let k = 0; k <= DAILY_UNITS; k += 1) {
    total += mass;
    cumulative[k] = total;
    mass *= ((DAILY_UNITS - k) / (k + 1)) * (rate / (1 - rate));
  }
  return (uniform) => {
    let [low, high] = [0, DAILY_UNITS];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) < uniform) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** The rate that a two-sided test of `units` an arm tells from the base rate with 80% power. */
function detectableRate(units: number): number {
  const quantiles = normalQuantile(1 - ALPHA / 2) + normalQuantile(POWER);
  const variance = (rate: number) => rate * (1 - rate);
  let rate = BASE_RATE;
  for (let step = 0; step < 50; step += 1) {
    rate = BASE_RATE + quantiles * Math.sqrt((variance(BASE_RATE) + variance(rate)) / units);
  }
  return rate;
}
