// The season of a daily or hourly series: its length, its shape, and whether it is there at all.
// It works on a scale that the caller has chosen, and must not judge single observations.
import { fillGaps } from './gaps.ts';
import { decompose } from './stl.ts';

export type Cadence = 'daily' | 'hourly';

/** Days in a week, hours in a day: the shortest stretch that holds every phase of the season. */
export const CYCLE = { daily: 7, hourly: 24 } as const;
const WEEK_OF_HOURS = 168;
/** Seasons over which a seasonal shape may change; a shorter series gets one shape for all of it. */
const SEASONAL_WINDOW = 35;

export interface Season {
  readonly shape: readonly number[];
  /** How many numbers it took from the data. */
  readonly parameters: number;
}

/** The season, or zeros where it explains no more than a shape fitted to noise would. */
export function readSeason(series: readonly (number | null)[], cadence: Cadence): Season {
  const period = seasonLength(series.length, cadence);
  const filled = fillGaps(series, period);
  const decomposition = decompose(filled, { period, seasonalWindow: SEASONAL_WINDOW, robust: true });
  const seasons = series.length / period;
  const fixed = seasons < SEASONAL_WINDOW;
  const shape = fixed ? phaseMeans(decomposition.seasonal, period) : decomposition.seasonal;
  const detrended = filled.map((value, index) => value - (decomposition.trend[index] ?? 0));
  const strength =
    1 - spread(detrended.map((value, index) => value - (shape[index] ?? 0))) / spread(detrended);
  // Of pure noise the shape explains about 1/seasons.
  return strength > Math.max(0.3, 2 / seasons)
    ? { shape, parameters: fixed ? period - 1 : 2 * (period - 1) }
    : { shape: filled.map(() => 0), parameters: 0 };
}

/** Hours have a daily and a weekly season; the weekly one holds both, once there are weeks enough. */
function seasonLength(length: number, cadence: Cadence): number {
  return cadence === 'hourly' && length >= 4 * WEEK_OF_HOURS ? WEEK_OF_HOURS : CYCLE[cadence];
}

/** One shape for all seasons: letting it change over few of them would fit the noise. */
function phaseMeans(seasonal: readonly number[], period: number): number[] {
  const means = Array.from({ length: period }, (_, phase) => {
    const same = seasonal.filter((_value, index) => index % period === phase);
    return same.reduce((sum, value) => sum + value, 0) / same.length;
  });
  return seasonal.map((_, index) => means[index % period] ?? 0);
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
