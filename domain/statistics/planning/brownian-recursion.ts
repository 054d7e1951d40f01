// The joint law of a test statistic looked at several times: a Brownian motion with drift, observed at
// information times and stopped when it leaves a region (Armitage, McPherson and Rowe, JRSS A 1969).
// Working parts of the group-sequential methods: it knows neither alpha nor designs.
import { normalPdf, normalSf } from '../numerics/special.ts';
import { gaussianSum, type PanelGrid, panelGrid, sourceOf } from './gaussian-sum.ts';

/** Density of the process at one information time, on the paths that have not stopped, on quadrature nodes. */
export interface SurvivingDensity {
  /** Information time of the look, a fraction of the planned information. */
  readonly time: number;
  readonly grid: PanelGrid;
  /** Density times quadrature weight at the grid's nodes: plain sums over these are integrals. */
  readonly masses: Float64Array;
  /** Whether paths and region are mirror images of themselves, so that half the density says it all. */
  readonly symmetric: boolean;
}

/** Half-width of the range kept, in standard deviations: the mass beyond is below 1e-16. */
const REACH = 8.5;
/** Twelve nodes every three standard deviations integrate a Gaussian to about 1e-15. */
const PANEL_WIDTH = 3;
/** Beyond this many standard deviations the normal density is not a double. */
const FURTHEST_REACH = 38.5;

/**
 * Density at `time` within [low, high], from the density at the look before (undefined at the first look).
 * `drift` is the mean of the process at time 1. `nextTime`, when known, makes the nodes fine enough for the
 * increment that follows.
 */
export function surviveLook(
  previous: SurvivingDensity | undefined,
  time: number,
  [low, high]: readonly [number, number],
  drift: number,
  nextTime: number | undefined,
): SurvivingDensity {
  const step = time - (previous?.time ?? 0);
  const scale = Math.sqrt(Math.min(step, nextTime === undefined ? step : nextTime - time));
  const reach = REACH * Math.sqrt(time);
  // A finite bound is never cut short: in the far tail the next bound depends on paths just below it.
  const from = Number.isFinite(low) ? low : Math.min(high, drift * time) - reach;
  const to = Number.isFinite(high) ? high : Math.max(low, drift * time) + reach;
  const grid = panelGrid(from, to, PANEL_WIDTH * scale);
  const symmetric = drift === 0 && low === -high && (previous?.symmetric ?? true);
  const densityAt = densityFunction(previous, time, drift, Math.max(Math.abs(from), Math.abs(to)));
  const { nodes, weights } = grid;
  const masses = new Float64Array(nodes.length);
  const count = symmetric ? nodes.length / 2 : nodes.length;
  for (let i = 0; i < count; i += 1) {
    const mass = (weights[i] as number) * densityAt(nodes[i] as number);
    masses[i] = mass;
    if (symmetric) masses[nodes.length - 1 - i] = mass;
  }
  return { time, grid, masses, symmetric };
}

/** P(the process survived so far and lies above `x` at `time`); `sign` -1 gives P(... below `x`). */
export function massBeyond(
  previous: SurvivingDensity | undefined,
  time: number,
  x: number,
  drift: number,
  sign: 1 | -1 = 1,
): number {
  const step = time - (previous?.time ?? 0);
  const deviation = Math.sqrt(step);
  if (!previous) return normalSf((sign * (x - drift * step)) / deviation);
  const { masses, grid } = previous;
  const { nodes } = grid;
  const centre = x - drift * step;
  const reach = kernelReach(time, step, Math.abs(x), drift) * deviation;
  let total = 0;
  for (let i = 0; i < nodes.length; i += 1) {
    const distance = sign * (centre - (nodes[i] as number));
    if (distance < reach) total += (masses[i] as number) * normalSf(distance / deviation);
  }
  return total;
}

/**
 * Density at `time`, as a function of the process's value, of the paths that survived the looks before: minus
 * the slope of `massBeyond`. Good for values up to `furthest` from 0.
 */
export function densityFunction(
  previous: SurvivingDensity | undefined,
  time: number,
  drift: number,
  furthest: number,
): (x: number) => number {
  const step = time - (previous?.time ?? 0);
  const deviation = Math.sqrt(step);
  const shift = drift * step;
  if (!previous) return (x) => normalPdf((x - shift) / deviation) / deviation;
  const source = sourceOf(previous.grid, previous.masses, deviation);
  const reach = kernelReach(time, step, furthest, drift);
  return (x) => gaussianSum(source, x - shift, reach) / deviation;
}

/**
 * How far back, in standard deviations of the increment, the paths come from that end up to `furthest` from 0.
 * Given its end x a path started around x (1 - step / time), which in the far tail is a long way off.
 */
function kernelReach(time: number, step: number, furthest: number, drift: number): number {
  return Math.min(FURTHEST_REACH, REACH + (furthest / time + Math.abs(drift)) * Math.sqrt(step));
}
