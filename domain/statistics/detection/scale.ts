// The scale on which a series has an even noise, and the way back to its own unit. Counts have one by nature;
// amounts get the logarithm when their noise grows with their level, as spend and revenue usually do.
import { median } from '../numerics/median.ts';
import { clippedSd, runningMedian } from './noise.ts';
import { anscombe } from './spike.ts';

export type Scale = 'plain' | 'root' | 'log';

/**
 * Square roots for counts; for amounts above zero the more likely of plain and log under normal noise (Box and Cox
 * 1964): the log when its noise, times the geometric mean that brings it back to the unit, is the smaller.
 */
export function chooseScale(
  positions: readonly number[],
  observed: readonly number[],
  nature: 'count' | 'amount',
  cycle: number,
): Scale {
  if (nature === 'count') return 'root';
  if (observed.some((value) => value <= 0)) return 'plain';
  const logs = observed.map(Math.log);
  const geometricMean = Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
  const plain = roughNoise(positions, observed, cycle);
  return geometricMean * roughNoise(positions, logs, cycle) < plain ? 'log' : 'plain';
}

export function toScale(scale: Scale, value: number): number {
  if (scale === 'plain') return value;
  return scale === 'root' ? anscombe(value) : Math.log(value);
}

/** The mean of the observations whose scaled values have this mean and standard deviation. */
export function fromScale(scale: Scale, scaled: number, sd: number): number {
  if (scale === 'plain') return scaled;
  if (scale === 'log') return Math.exp(scaled + (sd * sd) / 2);
  // E[X] = E[T]^2 / 4 + var(T) / 4 - 3/8 for T = 2 sqrt(X + 3/8): the noise lifts the mean above the level.
  return Math.max(0, (scaled * scaled + sd * sd) / 4 - 3 / 8);
}

/** Noise around the running median, once each phase of the cycle has lost its own median. */
function roughNoise(positions: readonly number[], values: readonly number[], cycle: number): number {
  const slow = runningMedian(values, cycle);
  const around = values.map((value, index) => value - (slow[index] ?? 0));
  const centred = Array.from({ length: cycle }, (_, phase) => {
    const same = around.filter((_value, at) => (positions[at] ?? 0) % cycle === phase);
    const middle = same.length === 0 ? 0 : median(same);
    return same.map((value) => value - middle);
  });
  return clippedSd(centred.flat());
}
