// The course of a series without season and outliers: level steps, on a straight line when the line earns its
// place. It decides how many steps there are; what each of them means is said in alarm.ts.
import { findChangepoints, partitionCost, segments } from './changepoint.ts';

export interface CourseOptions {
  /** What a step has to save in squared error. */
  readonly penalty: number;
  /** What the line has to save: less, because a step has a place beside its height. */
  readonly slopePenalty: number;
  /** Fewest observations between two steps. */
  readonly minimumLength: number;
}

export interface Course {
  /** Positions of the first observation after each step, ascending. */
  readonly breakpoints: readonly number[];
  /** Growth from one index to the next, common to all stretches; 0 when a line does not pay. */
  readonly slope: number;
  /** The fitted value at each observation. */
  readonly level: readonly number[];
}

interface Candidate {
  readonly breakpoints: readonly number[];
  readonly slope: number;
  readonly cost: number;
}

/** Rounds of "steps given the slope, then the slope given the steps"; they settle in two or three. */
const ROUNDS = 4;

/**
 * The cheaper of steps alone and steps on a line. Without the line, steady growth would be reported as a flight of
 * stairs. `times` are the indices of the values, which may have gaps.
 */
export function fitCourse(
  times: readonly number[],
  values: readonly number[],
  options: CourseOptions,
): Course {
  const flat = stepsGiven(0, times, values, options);
  let sloped = stepsGiven(slopeWithin(times, values, []), times, values, options);
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = stepsGiven(slopeWithin(times, values, sloped.breakpoints), times, values, options);
    if (next.cost >= sloped.cost) break;
    sloped = next;
  }
  const chosen = sloped.cost + options.slopePenalty < flat.cost ? sloped : flat;
  return { ...chosen, level: fittedLevel(times, values, chosen) };
}

function stepsGiven(
  slope: number,
  times: readonly number[],
  values: readonly number[],
  { penalty, minimumLength }: CourseOptions,
): Candidate {
  const flattened = flatten(times, values, slope);
  const { breakpoints } = findChangepoints(flattened, { penalty, minimumLength });
  return { breakpoints, slope, cost: partitionCost(flattened, breakpoints) + penalty * breakpoints.length };
}

function flatten(times: readonly number[], values: readonly number[], slope: number): number[] {
  return values.map((value, index) => value - slope * (times[index] ?? 0));
}

/** The least-squares slope that all stretches share, each with a level of its own. */
function slopeWithin(
  times: readonly number[],
  values: readonly number[],
  breakpoints: readonly number[],
): number {
  let [product, square] = [0, 0];
  for (const { start, end } of segments(values.length, breakpoints)) {
    const meanTime = mean(times.slice(start, end));
    const meanValue = mean(values.slice(start, end));
    for (let index = start; index < end; index += 1) {
      const time = (times[index] ?? 0) - meanTime;
      product += time * ((values[index] ?? 0) - meanValue);
      square += time * time;
    }
  }
  return square === 0 ? 0 : product / square;
}

function fittedLevel(
  times: readonly number[],
  values: readonly number[],
  { breakpoints, slope }: Candidate,
): number[] {
  const flattened = flatten(times, values, slope);
  return segments(values.length, breakpoints).flatMap(({ start, end }) => {
    const level = mean(flattened.slice(start, end));
    return times.slice(start, end).map((time) => level + slope * time);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
