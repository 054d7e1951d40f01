// The joint law of a test statistic looked at several times: a Brownian motion with drift, observed at
// information times and stopped when it leaves a region (Armitage, McPherson and Rowe, JRSS A 1969).
// Working parts of the group-sequential methods: it knows neither alpha nor designs.
import { gaussLegendre } from '../numerics/gauss-legendre.ts';
import { normalPdf, normalSf } from '../numerics/special.ts';

/** Density of the process at one information time, on the paths that have not stopped, on quadrature nodes. */
export interface SurvivingDensity {
  /** Information time of the look, a fraction of the planned information. */
  readonly time: number;
  readonly nodes: Float64Array;
  /** Density times quadrature weight: plain sums over these are integrals. */
  readonly masses: Float64Array;
}

/** Half-width of the range kept, in standard deviations: the mass beyond is below 1e-16. */
const REACH = 8.5;
/** Beyond this many standard deviations of an increment its density is taken as 0 (5e-27 of its peak). */
const KERNEL_REACH = 11;
/** The same where a bound lies so far out that even such densities decide where it lies. */
const FAR_KERNEL_REACH = 38.5;
const FAR_BOUND = 9;
/** Twelve nodes every three standard deviations integrate a Gaussian to about 1e-15. */
const PANEL_NODES = 12;
const PANEL_WIDTH = 3;

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
  const { nodes, masses } = panelNodes(from, to, PANEL_WIDTH * scale);
  const deviation = Math.sqrt(step);
  const isFar = Math.max(Math.abs(from), Math.abs(to)) > FAR_BOUND * Math.sqrt(time);
  const kernelReach = isFar ? FAR_KERNEL_REACH : KERNEL_REACH;
  for (let i = 0; i < nodes.length; i += 1) {
    const target = nodes[i] as number;
    const density = previous
      ? densityAt(previous, target - drift * step, deviation, kernelReach)
      : normalPdf((target - drift * step) / deviation) / deviation;
    masses[i] = (masses[i] as number) * density;
  }
  return { time, nodes, masses };
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
  const { nodes, masses } = previous;
  const centre = x - drift * step;
  let total = 0;
  for (let i = 0; i < nodes.length; i += 1) {
    total += (masses[i] as number) * normalSf((sign * (centre - (nodes[i] as number))) / deviation);
  }
  return total;
}

/** Density at `time` and `x` of the paths that survived the looks before: minus the slope of `massBeyond`. */
export function densityBefore(
  previous: SurvivingDensity | undefined,
  time: number,
  x: number,
  drift: number,
): number {
  const step = time - (previous?.time ?? 0);
  const deviation = Math.sqrt(step);
  if (!previous) return normalPdf((x - drift * step) / deviation) / deviation;
  return densityAt(previous, x - drift * step, deviation, FAR_KERNEL_REACH);
}

/** Convolution of the surviving masses with a normal increment; only nodes within reach are visited. */
function densityAt(
  previous: SurvivingDensity,
  centre: number,
  deviation: number,
  kernelReach: number,
): number {
  const { nodes, masses } = previous;
  const reach = kernelReach * deviation;
  let total = 0;
  for (let i = firstAtLeast(nodes, centre - reach); i < nodes.length; i += 1) {
    const distance = centre - (nodes[i] as number);
    if (distance < -reach) break;
    const z = distance / deviation;
    total += (masses[i] as number) * Math.exp(-0.5 * z * z);
  }
  return total / (deviation * Math.sqrt(2 * Math.PI));
}

/** Index of the first node not below `x`; nodes ascend. */
function firstAtLeast(nodes: Float64Array, x: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((nodes[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Nodes and weights of Gauss-Legendre panels of about `width` over [from, to]. */
function panelNodes(from: number, to: number, width: number): { nodes: Float64Array; masses: Float64Array } {
  const rule = gaussLegendre(PANEL_NODES);
  const panels = Math.max(1, Math.ceil((to - from) / width));
  const half = (to - from) / (2 * panels);
  const nodes = new Float64Array(panels * PANEL_NODES);
  const masses = new Float64Array(panels * PANEL_NODES);
  for (let panel = 0; panel < panels; panel += 1) {
    const centre = from + (2 * panel + 1) * half;
    for (let i = 0; i < PANEL_NODES; i += 1) {
      nodes[panel * PANEL_NODES + i] = centre + half * (rule.nodes[i] as number);
      masses[panel * PANEL_NODES + i] = half * (rule.weights[i] as number);
    }
  }
  return { nodes, masses };
}
