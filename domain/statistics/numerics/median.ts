// Medians and the spread around them, which a few wild values cannot move.
// It must not be used where the mean of money is meant: a median of revenue is another quantity.
import { ImpossibleInput } from '../impossible.ts';

/** What the median absolute deviation of a normal variable is multiplied by to give its standard deviation. */
export const MAD_TO_SD = 1.4826;

/** The middle value, or the mean of the two middle ones. Throws `no_data` on an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new ImpossibleInput('no_data', 'the median of no value');
  const sorted = Float64Array.from(values).sort();
  const upper = sorted.length >> 1;
  const high = sorted[upper] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] ?? high) + high) / 2;
}

/** Standard deviation estimated from the median absolute deviation; 0 when more than half the values agree. */
export function robustSd(values: readonly number[], centre = median(values)): number {
  return MAD_TO_SD * median(values.map((value) => Math.abs(value - centre)));
}
