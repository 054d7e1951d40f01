// Reads a test of markets or of days out, so that the same criteria decide on it as on a test of arms: nothing before
// its planned end, then what the incrementality methods found, with the grade that such a test can have.

import { scheduleOf } from '../experiment/schedule.ts';
import type { ArmReading, ExperimentData, ExperimentReadOut } from '../experiment.ts';
import { readExperiment } from '../experiment.ts';
import { type IncrementalityReadOut, readIncrementality } from '../incrementality.ts';
import { METRICS } from '../metric.ts';
import { frenchLabel } from '../metric-french.ts';
import { type EffectPrior, scepticalPrior, shrinkEstimate } from '../statistics/comparison/shrinkage.ts';
import { normalQuantile } from '../statistics/numerics/special.ts';
import { geoPanel, type PanelClock, type PanelPlan, type PanelTotal, weeksPanel } from './panel.ts';

export interface PanelRequest {
  readonly clock: PanelClock;
  /** Age of the test, in milliseconds of the thesis's time. */
  readonly ageMs: number;
  /** How much worse than control the primary metric may be, a fraction; null when nobody asks. */
  readonly margin: number | null;
  /** Spent on the treatment, in the thesis's currency; null when not known. */
  readonly spend: number | null;
  readonly prior?: EffectPrior;
}

export interface PanelReadOut {
  readonly experiment: ExperimentReadOut;
  /** Null before the planned end: such a test is read once. */
  readonly incrementality: IncrementalityReadOut | null;
}

/** The read-out. `plannedUnits` counts market-days, or, of a before-after comparison, the days of both sides. */
export function readPanel(
  plan: PanelPlan,
  totals: readonly PanelTotal[],
  request: PanelRequest,
): PanelReadOut {
  const { data, increment } =
    plan.kind === 'geo' ? ofMarkets(plan, totals, request) : ofWeeks(plan, totals, request);
  const base = readExperiment(plan, data, { ageMs: request.ageMs, guardrails: [], goals: [] });
  const { closing } = scheduleOf(plan, data, request.ageMs);
  if (closing === null) {
    const readings = data.looks === 0 ? [] : [waitingReading(plan, data, base, request)];
    return { experiment: { ...base, readings }, incrementality: null };
  }
  const incrementality = increment(closing + 1);
  const reading = concludedReading(plan, data, { base, closing, incrementality, request });
  return { experiment: { ...base, readings: [reading] }, incrementality };
}

interface Prepared {
  /** The units of the test by day; its metric is not in it, as arms are not what is compared. */
  readonly data: ExperimentData;
  /** The increment over the first `looks` days with treatment. */
  readonly increment: (looks: number) => IncrementalityReadOut;
}

function ofMarkets(plan: PanelPlan, totals: readonly PanelTotal[], { clock, spend }: PanelRequest): Prepared {
  const { markets, treated, outcome, daysBefore, treatedDays } = geoPanel(plan, clock, totals);
  const controls = markets.length - treated.length;
  const units = {
    [plan.control]: treatedDays.map((_day, index) => (index + 1) * controls),
    ...Object.fromEntries(
      plan.treatments.map((market) => [market, treatedDays.map((_day, index) => index + 1)]),
    ),
  };
  return {
    data: { looks: treatedDays.length, days: treatedDays, units, metrics: [] },
    increment: (looks) =>
      readIncrementality({
        kind: 'geo',
        markets,
        treated,
        outcome: outcome.map((days) => days.slice(0, daysBefore + looks)),
        firstDay: daysBefore,
        alpha: plan.alpha,
        spend,
      }),
  };
}

function ofWeeks(plan: PanelPlan, totals: readonly PanelTotal[], { clock, spend }: PanelRequest): Prepared {
  const { before, after, treatedDays } = weeksPanel(plan, clock, totals);
  const units = {
    [plan.control]: treatedDays.map(() => before.length),
    ...Object.fromEntries(plan.treatments.map((arm) => [arm, treatedDays.map((_day, index) => index + 1)])),
  };
  return {
    data: { looks: treatedDays.length, days: treatedDays, units, metrics: [] },
    increment: (looks) =>
      readIncrementality({ kind: 'prepost', before, after: after.slice(0, looks), alpha: plan.alpha, spend }),
  };
}

function waitingReading(
  plan: PanelPlan,
  data: ExperimentData,
  { informationFraction }: ExperimentReadOut,
  { margin }: PanelRequest,
): ArmReading {
  const share = (100 * informationFraction).toFixed(1);
  return {
    ...commonOf(plan, data, data.looks - 1, informationFraction),
    ...{ estimate: null, absolute: null, interval: null, shrunken: null, goodness: null, z: null, p: null },
    verdict: 'undecided',
    nonInferiority: margin === null ? null : 'undecided',
    margin,
    sentence: {
      en: `${METRICS[plan.primaryMetric].label}: read once, at the planned end of the test; ${share}% of its days are in.`,
      fr: `${frenchLabel(plan.primaryMetric)} : lecture unique, au terme prévu du test ; ${share.replace('.', ',')} % de ses jours sont là.`,
    },
  };
}

interface Conclusion {
  readonly base: ExperimentReadOut;
  readonly closing: number;
  readonly incrementality: IncrementalityReadOut;
  readonly request: PanelRequest;
}

function concludedReading(plan: PanelPlan, data: ExperimentData, conclusion: Conclusion): ArmReading {
  const { base, closing, incrementality, request } = conclusion;
  const { headline, sentence, agree } = incrementality;
  const common = commonOf(plan, data, closing, base.informationFraction);
  const { margin } = request;
  if ('impossible' in headline) {
    const none = {
      estimate: null,
      absolute: null,
      interval: null,
      shrunken: null,
      goodness: null,
      z: null,
      p: null,
    };
    return {
      ...common,
      ...none,
      verdict: 'impossible',
      nonInferiority: margin === null ? null : 'undecided',
      margin,
      sentence: labelled(plan, sentence),
    };
  }
  const better = METRICS[plan.primaryMetric].direction === 'lower' ? -1 : 1;
  const relative = relativeOf(headline, plan.alpha);
  const side =
    agree === false ? 0 : { more: 1, less: -1, undecided: 0, impossible: 0 }[incrementality.verdict];
  return {
    ...common,
    estimate: headline.relative,
    absolute: headline.increment,
    interval: relative?.interval ?? null,
    shrunken:
      relative === null ? null : shrinkEstimate(relative, request.prior ?? scepticalPrior, plan.alpha),
    goodness: headline.relative === null ? null : better === 1 ? headline.relative : 0 - headline.relative,
    z: relative === null ? null : relative.estimate / relative.standardError,
    p: headline.p,
    verdict: side === 0 ? 'undecided' : side === better ? 'better' : 'worse',
    nonInferiority: margin === null ? null : inferiority(relative?.interval ?? null, margin, better),
    margin,
    sentence: labelled(plan, agree === false ? contradicted(sentence) : sentence),
  };
}

/** What every reading of a panel has in common: no look before the end, hence no boundary and no evidence process. */
function commonOf(plan: PanelPlan, { units }: ExperimentData, look: number, informationFraction: number) {
  const arms = [plan.control, ...plan.treatments];
  return {
    metric: plan.primaryMetric,
    arm: plan.treatments.join(', '),
    role: 'primary',
    n: arms.reduce((total, arm) => total + (units[arm]?.[look] ?? 0), 0),
    method: 'fixed_horizon',
    look: look + 1,
    informationFraction,
    ...{ bound: null, logE: null, posterior: null, medianUnbiased: null, adjustment: null },
  } as const;
}

interface Relative {
  readonly estimate: number;
  readonly standardError: number;
  readonly interval: { readonly lower: number; readonly upper: number };
}

/** The increment and its interval over what would have come without it; null when that is not known. */
function relativeOf(
  {
    increment,
    interval,
    relative,
  }: {
    readonly increment: number;
    readonly interval: Relative['interval'] | null;
    readonly relative: number | null;
  },
  alpha: number,
): Relative | null {
  if (relative === null || interval === null || increment === 0 || relative === 0) return null;
  const without = increment / relative;
  const [lower, upper] = [interval.lower / without, interval.upper / without];
  const standardError = (upper - lower) / (-2 * normalQuantile(alpha / 2));
  return standardError > 0 ? { estimate: relative, standardError, interval: { lower, upper } } : null;
}

function inferiority(
  interval: Relative['interval'] | null,
  margin: number,
  better: 1 | -1,
): ArmReading['nonInferiority'] {
  if (interval === null) return 'undecided';
  const [worst, best] = better === 1 ? [interval.lower, interval.upper] : [-interval.upper, -interval.lower];
  if (worst > -margin) return 'shown';
  return best < -margin ? 'harm' : 'undecided';
}

function labelled({ primaryMetric }: PanelPlan, { en, fr }: ArmReading['sentence']): ArmReading['sentence'] {
  return { en: `${METRICS[primaryMetric].label}: ${en}`, fr: `${frenchLabel(primaryMetric)} : ${fr}` };
}

function contradicted({ en, fr }: ArmReading['sentence']): ArmReading['sentence'] {
  return {
    en: `${en} Another method on the same markets points the other way, so that nothing is settled.`,
    fr: `${fr} Une autre méthode sur les mêmes marchés dit le contraire : rien n’est acquis.`,
  };
}
