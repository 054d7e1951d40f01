// Control charts for a level that should hold: EWMA and CUSUM, which add up small departures that no single
// observation would show. Target and standard deviation come from the caller, and must be of a quiet period.
import { ImpossibleInput, requireFinite } from '../impossible.ts';

export interface EwmaOptions {
  readonly target: number;
  /** Standard deviation of one observation. */
  readonly sd: number;
  /** Weight of the newest observation, above 0 and up to 1. */
  readonly weight: number;
  /** Half width of the limits in standard deviations of the average. */
  readonly limit: number;
}

export interface EwmaChart {
  readonly averages: readonly number[];
  /** Half width of the limits around the target at each observation; it grows towards its final value. */
  readonly halfWidths: readonly number[];
  /** Every index at which the average is outside of the limits. */
  readonly alarms: readonly number[];
}

export interface CusumOptions {
  readonly target: number;
  /** Departure from the target that is let pass, in the unit of the series: half the shift to be found. */
  readonly allowance: number;
  /** Sum above which the chart alarms, in the unit of the series. */
  readonly threshold: number;
}

export interface CusumChart {
  readonly high: readonly number[];
  readonly low: readonly number[];
  /** Every index at which either sum is above the threshold; the sums are not reset. */
  readonly alarms: readonly number[];
}

/** Roberts 1959, with the exact variance of the first observations (NIST 6.3.2.4 gives the limiting one). */
export function ewmaChart(values: readonly number[], options: EwmaOptions): EwmaChart {
  const { target, sd, weight, limit } = options;
  checkNumbers(values, { ...options });
  if (!(sd > 0)) throw new ImpossibleInput('zero_variance', `sd is ${sd}, expected above 0`);
  if (!(weight > 0 && weight <= 1)) throw new ImpossibleInput('out_of_range', `weight is ${weight}`);
  const averages: number[] = [];
  const halfWidths: number[] = [];
  const alarms: number[] = [];
  let average = target;
  for (const [index, value] of values.entries()) {
    average = weight * value + (1 - weight) * average;
    const variance = (weight / (2 - weight)) * (1 - (1 - weight) ** (2 * (index + 1)));
    const halfWidth = limit * sd * Math.sqrt(variance);
    averages.push(average);
    halfWidths.push(halfWidth);
    if (Math.abs(average - target) > halfWidth) alarms.push(index);
  }
  return { averages, halfWidths, alarms };
}

/** Page 1954, in tabular form, two-sided (NIST 6.3.2.3). */
export function cusumChart(values: readonly number[], options: CusumOptions): CusumChart {
  const { target, allowance, threshold } = options;
  checkNumbers(values, { ...options });
  const high: number[] = [];
  const low: number[] = [];
  const alarms: number[] = [];
  let [up, down] = [0, 0];
  for (const [index, value] of values.entries()) {
    up = Math.max(0, up + value - target - allowance);
    down = Math.max(0, down + target - allowance - value);
    high.push(up);
    low.push(down);
    if (up > threshold || down > threshold) alarms.push(index);
  }
  return { high, low, alarms };
}

function checkNumbers(values: readonly number[], options: Readonly<Record<string, number>>): void {
  if (values.length === 0) throw new ImpossibleInput('no_data', 'no observation to chart');
  for (const value of values) requireFinite('value', value);
  for (const [name, value] of Object.entries(options)) requireFinite(name, value);
}
