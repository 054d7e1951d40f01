// Missing observations of a regular series: where they are, and what stands in for them while a season is
// estimated. A stand-in is never evidence: nothing after that estimate may read it.
import { median } from '../numerics/median.ts';

/** Indices of the observations that are there. */
export function observedPositions(series: readonly (number | null)[]): number[] {
  return [...series.keys()].filter((index) => series[index] !== null);
}

/**
 * The series with each gap filled from the same phase of the season: on the line between the observations one or
 * more whole periods before and after, the nearer one alone when there is no other, the median when there is none.
 */
export function fillGaps(series: readonly (number | null)[], period: number): number[] {
  const middle = median(series.filter((value) => value !== null));
  return series.map((value, index) => {
    if (value !== null) return value;
    const before = nearestInPhase(series, index, -period);
    const after = nearestInPhase(series, index, period);
    if (before === undefined || after === undefined) return (before ?? after)?.value ?? middle;
    return (
      (before.value * after.distance + after.value * before.distance) / (before.distance + after.distance)
    );
  });
}

function nearestInPhase(series: readonly (number | null)[], from: number, step: number) {
  for (let index = from + step; index >= 0 && index < series.length; index += step) {
    const value = series[index];
    if (value !== null && value !== undefined) return { value, distance: Math.abs(index - from) };
  }
  return undefined;
}
