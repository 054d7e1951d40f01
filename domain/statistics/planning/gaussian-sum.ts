// Sums of a normal kernel over the nodes of Gauss-Legendre panels of equal width, the inner loop of every
// sequential boundary. It takes one exponential a panel where a plain sum takes one a node, and knows nothing of looks.
import { gaussLegendre } from '../numerics/gauss-legendre.ts';

/** Nodes and weights of equal Gauss-Legendre panels over an interval. */
export interface PanelGrid {
  /** Left end of the first panel. */
  readonly from: number;
  /** Half the width of a panel. */
  readonly half: number;
  readonly panels: number;
  /** Ascending, `PANEL_NODES` in each panel. */
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** Masses on a grid, prepared for sums with a kernel of one width. */
export interface GaussianSource {
  /** Middle of the first panel and width of a panel, in standard deviations of the kernel. */
  readonly first: number;
  readonly width: number;
  readonly panels: number;
  readonly deviation: number;
  /** Masses times exp(-h^2/2), h being a node's distance from the middle of its panel. */
  readonly masses: Float64Array;
  /** The distances h of one panel's nodes, and by what exp(distance * h) shrinks from one panel to the next. */
  readonly offsets: readonly number[];
  readonly ratios: readonly number[];
  /** Room for exp(distance * h), used by one call at a time. */
  readonly powers: number[];
}

const PANEL_NODES = 12;
const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** Panels over [from, to], each at most `width` wide. */
export function panelGrid(from: number, to: number, width: number): PanelGrid {
  const rule = gaussLegendre(PANEL_NODES);
  const panels = Math.max(1, Math.ceil((to - from) / width));
  const half = (to - from) / (2 * panels);
  const nodes = new Float64Array(panels * PANEL_NODES);
  const weights = new Float64Array(panels * PANEL_NODES);
  for (let panel = 0; panel < panels; panel += 1) {
    const centre = from + (2 * panel + 1) * half;
    for (let i = 0; i < PANEL_NODES; i += 1) {
      nodes[panel * PANEL_NODES + i] = centre + half * (rule.nodes[i] as number);
      weights[panel * PANEL_NODES + i] = half * (rule.weights[i] as number);
    }
  }
  return { from, half, panels, nodes, weights };
}

/** Prepares `masses`, one for each node of the grid, for sums with a normal kernel of this standard deviation. */
export function sourceOf(
  { from, half, panels }: PanelGrid,
  masses: Float64Array,
  deviation: number,
): GaussianSource {
  const rule = gaussLegendre(PANEL_NODES);
  const width = (2 * half) / deviation;
  const [offsets, ratios]: [number[], number[]] = [[], []];
  const damped = new Float64Array(masses.length);
  for (let i = 0; i < PANEL_NODES; i += 1) {
    const offset = ((rule.nodes[i] as number) * half) / deviation;
    offsets.push(offset);
    ratios.push(Math.exp(-width * offset));
    const damping = Math.exp(-0.5 * offset * offset);
    for (let at = i; at < masses.length; at += PANEL_NODES) damped[at] = (masses[at] as number) * damping;
  }
  const first = (from + half) / deviation;
  return { first, width, panels, deviation, masses: damped, offsets, ratios, powers: [...offsets] };
}

/**
 * Sum over the nodes of mass * normal density of (x - node) / deviation, nodes further off than `reach` standard
 * deviations left out panel by panel. With d from x to the middle of a panel and h from there to a node, the kernel
 * is exp(-d^2/2) exp(-h^2/2) exp(d h), and exp(d h) goes from panel to panel by a constant factor.
 */
export function gaussianSum(source: GaussianSource, x: number, reach: number): number {
  const { first, width, panels, masses, offsets, ratios, powers } = source;
  const fromFirst = x / source.deviation - first;
  const start = Math.max(0, Math.ceil((fromFirst - reach) / width - 0.5));
  const end = Math.min(panels - 1, Math.floor((fromFirst + reach) / width + 0.5));
  if (start > end) return 0;
  let distance = fromFirst - start * width;
  for (let i = 0; i < PANEL_NODES / 2; i += 1) {
    // Offsets are symmetric about 0.
    const power = Math.exp(distance * (offsets[i] as number));
    powers[i] = power;
    powers[PANEL_NODES - 1 - i] = 1 / power;
  }
  let total = 0;
  let at = start * PANEL_NODES;
  for (let panel = start; panel <= end; panel += 1) {
    let sum = 0;
    for (let i = 0; i < PANEL_NODES; i += 1) {
      const power = powers[i] as number;
      sum += (masses[at] as number) * power;
      powers[i] = power * (ratios[i] as number);
      at += 1;
    }
    total += sum * Math.exp(-0.5 * distance * distance);
    distance -= width;
  }
  return total * INVERSE_SQRT_TWO_PI;
}
