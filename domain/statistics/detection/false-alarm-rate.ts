// How often the quiet history of a series looks like a given departure: the empirical side of an alarm, which holds
// where the noise is not what the detectors assume. It judges one departure at a time and finds none.
import type { Baseline } from './baseline.ts';
import type { Departure } from './departures.ts';

/** A lasting departure is compared with stretches no longer than this, or too few of them would be left. */
const LONGEST_SHARE = 1 / 6;
const LONGEST_CYCLES = 4;

/**
 * (1 + moments at least as large) / (1 + moments compared). An isolated departure is compared with every other
 * observation, a lasting one with the mean of every stretch of its own length (up to a sixth of the series and four
 * cycles). `size` is on the baseline's scale.
 */
export function falseAlarmRate(
  baseline: Baseline,
  departure: Departure,
  all: readonly Departure[],
  size: number,
): number {
  const isolated = departure.kind === 'spike' || departure.kind === 'dip';
  const moments = isolated ? ordinaryResiduals(baseline, all) : stretchMeans(baseline, departure, all);
  const asLarge = moments.filter((moment) => Math.abs(moment) >= size).length;
  return (1 + asLarge) / (1 + moments.length);
}

function ordinaryResiduals({ residuals }: Baseline, all: readonly Departure[]): number[] {
  const alarming = all.filter(({ kind }) => kind === 'spike' || kind === 'dip');
  return residuals.filter((_, index) => !alarming.some(({ began, end }) => began <= index && index <= end));
}

/** Means of the quiet residuals over every stretch that no drift touches; steps are already out of them. */
function stretchMeans(
  { quiet, cycle }: Baseline,
  { began, end }: Departure,
  all: readonly Departure[],
): number[] {
  const longest = Math.floor(Math.min(LONGEST_SHARE * quiet.length, LONGEST_CYCLES * cycle));
  const width = Math.max(1, Math.min(end - began + 1, longest));
  const drifts = all.filter(({ kind, inCourse }) => kind === 'drift' && !inCourse);
  const means: number[] = [];
  let sum = 0;
  for (const [index, value] of quiet.entries()) {
    sum += value - (quiet[index - width] ?? 0);
    const start = index - width + 1;
    const touched = drifts.some((drift) => drift.began <= index && start <= drift.end);
    if (start >= 0 && !touched) means.push(sum / width);
  }
  return means;
}
