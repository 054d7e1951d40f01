// Designing a geographic test before launch: which markets to treat, which to compare them with, how small an
// effect the test could find and for how many weeks it must run. Looks at history only; the read-out is
// `incrementality/time-based-regression.ts`, whose model it assumes.
import { ImpossibleInput, requireBetween } from '../impossible.ts';
import { cumulativeScale, fitPreperiod, type PreperiodFit } from '../incrementality/time-based-regression.ts';
import { tQuantile } from '../numerics/special.ts';
import { treatedCandidates } from './market-candidates.ts';
import { type MarketMatch, matchControls } from './market-matching.ts';

/** outcome[market][period]: every market in every period, oldest first. */
export interface GeoHistory {
  readonly markets: readonly string[];
  readonly outcome: readonly (readonly number[])[];
  /** 7 for daily periods, 1 for weekly ones. */
  readonly periodsPerWeek: number;
}

export interface GeoDesignRequest {
  /** How many markets to treat. */
  readonly treatedCount: number;
  /** Longest test, in whole weeks. */
  readonly maximumWeeks: number;
  /** Smallest relative effect worth finding, for example 0.05. */
  readonly targetEffect: number;
  /** One-sided false-positive rate, and power. */
  readonly alpha: number;
  readonly power: number;
  /** Cost of treating these markets for a week, above 0, in the currency of the outcome. */
  readonly weeklyCost?: number;
  /** Markets that may be treated; all when left out. The others may still be controls. */
  readonly eligible?: readonly string[];
  /** At most this many control markets, 10 when left out. */
  readonly maximumControls?: number;
  /** How many designs to return, best first; 5 when left out. */
  readonly designs?: number;
}

export interface GeoDesign {
  readonly treated: readonly string[];
  readonly control: readonly string[];
  /** Correlation of the treated with the control total over the history. */
  readonly correlation: number;
  /** Share of the whole outcome that the treated markets make. */
  readonly share: number;
  /** Minimum detectable effect for 1, 2, ... weeks, relative to what the treated markets would make. */
  readonly minimumEffects: readonly number[];
  /** Shortest test, in whole weeks, that finds the target effect; null when even the longest does not. */
  readonly weeks: number | null;
  /** Of that test (or of the longest): cost, and the smallest incremental return on it; null without cost. */
  readonly cost: number | null;
  readonly minimumReturnOnSpend: number | null;
  /** Relative effect that the read-out would have found in the last weeks of history, where there was none. */
  readonly placeboEffect: number;
  /** False when that effect is too large to be chance: the groups drifted apart, do not trust the figures. */
  readonly placeboPassed: boolean;
}

const DEFAULT_CONTROLS = 10;
const DEFAULT_DESIGNS = 5;

/**
 * The best designs, best match first; those that fail the placebo check come last. Markets are matched and
 * designs ranked on the history WITHOUT its last `maximumWeeks`. These weeks are kept to check each design
 * that was chosen: the best of many matches looks better than it is, so the error variance is the larger of
 * both windows and the promised effect is one that the test will find. An effect of
 * (t_(1-alpha) + t_power) * scale is found with the given power (Kerman, Wang and Vaver 2017). Errors of
 * one day are taken as independent of the next. Throws `too_few` for too short a history or too few markets.
 */
export function designGeoTest(history: GeoHistory, request: GeoDesignRequest): GeoDesign[] {
  checkRequest(history, request);
  const weeks = request.maximumWeeks * history.periodsPerWeek;
  const matching = (history.outcome[0]?.length ?? 0) - weeks;
  const eligible = history.markets.flatMap((market, index) =>
    request.eligible === undefined || request.eligible.includes(market) ? [index] : [],
  );
  if (eligible.length < request.treatedCount) {
    throw new ImpossibleInput('too_few', `${eligible.length} markets may be treated`);
  }
  const ranked = treatedCandidates(history.outcome, matching, eligible, request.treatedCount)
    .flatMap((treated) => matchCandidate(history, request, treated, matching) ?? [])
    .sort((a, b) => a.score - b.score)
    .slice(0, request.designs ?? DEFAULT_DESIGNS);
  if (ranked.length === 0) throw new ImpossibleInput('zero_variance', 'no pair of groups can be regressed');
  const designs = ranked.map((candidate) => evaluate(history, request, candidate, matching));
  return [...designs.filter((d) => d.placeboPassed), ...designs.filter((d) => !d.placeboPassed)];
}

/** Treated markets with their controls, and how good they look in the matching window. */
interface Candidate {
  readonly treated: readonly number[];
  readonly match: MarketMatch;
  readonly fit: PreperiodFit;
  /** Smallest effect that the longest test would find, judged by the matching window alone. */
  readonly score: number;
}

function matchCandidate(
  history: GeoHistory,
  request: GeoDesignRequest,
  treated: readonly number[],
  matching: number,
): Candidate | undefined {
  const match = matchControls(
    history.outcome,
    treated,
    matching,
    request.maximumControls ?? DEFAULT_CONTROLS,
  );
  if (match === undefined) return undefined;
  const control = match.controlTotal.slice(0, matching);
  const treatment = match.treatedTotal.slice(0, matching);
  const fit = fitPreperiod(control, treatment);
  const weeks = request.maximumWeeks * history.periodsPerWeek;
  return { treated, match, fit, score: minimumEffect(fit, control, treatment, weeks, request) };
}

function evaluate(
  history: GeoHistory,
  request: GeoDesignRequest,
  { treated, match, fit }: Candidate,
  matching: number,
): GeoDesign {
  const { controlTotal, treatedTotal } = match;
  const errors = forecastErrors(fit, controlTotal, treatedTotal, matching);
  const outside = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
  const honest = { ...fit, variance: Math.max(fit.variance, outside) };
  const periods = history.periodsPerWeek;
  const minimumEffects = Array.from({ length: request.maximumWeeks }, (_unused, week) =>
    minimumEffect(honest, controlTotal, treatedTotal, (week + 1) * periods, request),
  );
  const found = minimumEffects.findIndex((effect) => effect <= request.targetEffect);
  const length = found === -1 ? request.maximumWeeks : found + 1;
  const expected = total(treatedTotal.slice(-length * periods));
  const cost = request.weeklyCost === undefined ? null : request.weeklyCost * length;
  const error = total(errors);
  const scale = cumulativeScale(honest, errors.length, total(controlTotal.slice(matching)));
  return {
    treated: treated.map((index) => history.markets[index] ?? ''),
    control: match.controls.map((index) => history.markets[index] ?? ''),
    correlation: match.correlation,
    share: total(treatedTotal) / history.outcome.reduce((sum, row) => sum + total(row), 0),
    minimumEffects,
    weeks: found === -1 ? null : found + 1,
    cost,
    minimumReturnOnSpend: cost === null ? null : ((minimumEffects[length - 1] ?? 0) * expected) / cost,
    placeboEffect: error / (total(treatedTotal.slice(matching)) - error),
    placeboPassed: Math.abs(error) <= -tQuantile(request.alpha, fit.degreesOfFreedom) * scale,
  };
}

/** Smallest relative effect found over `periods` like the last ones of the history. */
function minimumEffect(
  fit: PreperiodFit,
  controlTotal: readonly number[],
  treatedTotal: readonly number[],
  periods: number,
  { alpha, power }: GeoDesignRequest,
): number {
  const scale = cumulativeScale(fit, periods, total(controlTotal.slice(-periods)));
  const quantiles = -tQuantile(alpha, fit.degreesOfFreedom) - tQuantile(1 - power, fit.degreesOfFreedom);
  const expected = total(treatedTotal.slice(-periods));
  if (expected <= 0) throw new ImpossibleInput('zero_baseline', `the treated markets make ${expected}`);
  return (quantiles * scale) / expected;
}

/** Observed minus predicted for the periods after the matching window. */
function forecastErrors(
  fit: PreperiodFit,
  control: readonly number[],
  treated: readonly number[],
  from: number,
): number[] {
  return treated.slice(from).map((y, index) => y - fit.intercept - fit.slope * (control[from + index] ?? 0));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function checkRequest(history: GeoHistory, request: GeoDesignRequest): void {
  const { markets, outcome, periodsPerWeek } = history;
  requireBetween('alpha', request.alpha, 0, 1);
  requireBetween('power', request.power, request.alpha, 1);
  requireBetween('targetEffect', request.targetEffect, 0, Number.POSITIVE_INFINITY);
  if (request.weeklyCost !== undefined) {
    requireBetween('weeklyCost', request.weeklyCost, 0, Number.POSITIVE_INFINITY);
  }
  const counts = { periodsPerWeek, treated: request.treatedCount, weeks: request.maximumWeeks };
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ImpossibleInput('out_of_range', `${name} is ${value}, expected a whole number from 1`);
    }
  }
  const periods = outcome[0]?.length ?? 0;
  if (outcome.length !== markets.length || outcome.some((row) => row.length !== periods)) {
    throw new ImpossibleInput('contradictory_sums', 'the history is not a full table of markets by periods');
  }
  if (outcome.some((row) => row.some((value) => !Number.isFinite(value)))) {
    throw new ImpossibleInput('not_finite', 'the history has a value that is not a number');
  }
  if (request.treatedCount >= markets.length) {
    throw new ImpossibleInput('too_few', `${markets.length} markets leave no control`);
  }
  // Half of the history at least is for matching, or the check window would be the larger one.
  if (periods < 2 * request.maximumWeeks * periodsPerWeek || periods < 8) {
    throw new ImpossibleInput('too_few', `${periods} periods of history for ${request.maximumWeeks} weeks`);
  }
}
