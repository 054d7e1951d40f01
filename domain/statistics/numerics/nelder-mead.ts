// A derivative-free minimiser (Nelder and Mead, 1965) for smooth functions of a few variables, with restarts.
// It knows nothing of likelihoods or of bounds: an objective says "not here" by returning +Infinity.
import { ImpossibleInput } from '../impossible.ts';

export type Objective = (point: readonly number[]) => number;

export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly evaluations: number;
}

export interface MinimiserOptions {
  /** Edge of the first simplex, in the units of the variables. */
  readonly step?: number;
  /** The search ends when the best and the worst corner differ by less than this. */
  readonly tolerance?: number;
  readonly maximumEvaluations?: number;
}

interface Vertex {
  readonly point: readonly number[];
  readonly value: number;
}

/**
 * The best minimum found from several starts. From each, the search is restarted on a fresh simplex until a
 * restart gains nothing, because a collapsed simplex can stop on a slope (Powell 1973; Gill and others 1981).
 * Throws `no_convergence` when no start has a finite value.
 */
export function minimise(
  objective: Objective,
  starts: readonly (readonly number[])[],
  options: MinimiserOptions = {},
): Minimum {
  const { step = 0.5, tolerance = 1e-10, maximumEvaluations = 20_000 } = options;
  let best: Vertex | undefined;
  let evaluations = 0;
  for (const start of starts) {
    let current: Vertex = { point: start, value: objective(start) };
    evaluations += 1;
    let gain = Number.POSITIVE_INFINITY;
    for (let round = 0; gain > 100 * tolerance && evaluations < maximumEvaluations; round += 1) {
      // Alternate the side on which the simplex is built, so that a restart does not retrace the last one.
      const edge = (round % 2 === 0 ? step : -step) / (1 + round);
      const found = descend(objective, current, edge, tolerance, maximumEvaluations - evaluations);
      evaluations += found.evaluations;
      gain = current.value - found.value;
      current = found;
    }
    if (best === undefined || current.value < best.value) best = current;
  }
  if (best === undefined || !Number.isFinite(best.value)) {
    throw new ImpossibleInput('no_convergence', 'the objective has no finite value at any start');
  }
  return { ...best, evaluations };
}

function descend(
  objective: Objective,
  from: Vertex,
  edge: number,
  tolerance: number,
  budget: number,
): Minimum {
  const dimension = from.point.length;
  let evaluations = 0;
  const visit = (point: readonly number[]): Vertex => {
    evaluations += 1;
    const value = objective(point);
    return { point, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  };
  let simplex = [from, ...from.point.map((_, axis) => visit(moved(from.point, axis, edge)))];
  simplex.sort(byValue);
  while (evaluations < budget) {
    const [lowest, highest] = [simplex[0] ?? from, simplex[dimension] ?? from];
    if (highest.value - lowest.value <= tolerance) break;
    const centre = centroid(simplex.slice(0, dimension));
    const next = replacement(visit, centre, simplex, highest);
    simplex =
      next === undefined
        ? [lowest, ...simplex.slice(1).map((corner) => visit(between(lowest.point, corner.point, 0.5)))]
        : [...simplex.slice(0, dimension), next];
    simplex.sort(byValue);
  }
  return { ...(simplex[0] ?? from), evaluations };
}

/** The corner that takes the place of the worst one, or undefined when the simplex has to shrink. */
function replacement(
  visit: (point: readonly number[]) => Vertex,
  centre: readonly number[],
  simplex: readonly Vertex[],
  highest: Vertex,
): Vertex | undefined {
  const lowest = simplex[0] ?? highest;
  const second = simplex.at(-2) ?? highest;
  const reflected = visit(between(highest.point, centre, 2));
  if (reflected.value < lowest.value) {
    const expanded = visit(between(highest.point, centre, 3));
    return expanded.value < reflected.value ? expanded : reflected;
  }
  if (reflected.value < second.value) return reflected;
  const outside = reflected.value < highest.value;
  const contracted = visit(between(highest.point, centre, outside ? 1.5 : 0.5));
  return contracted.value < Math.min(reflected.value, highest.value) ? contracted : undefined;
}

function byValue(left: Vertex, right: Vertex): number {
  // Two corners at +Infinity subtract to NaN, which a sort must not see.
  return left.value === right.value ? 0 : left.value - right.value;
}

function moved(point: readonly number[], axis: number, edge: number): number[] {
  return point.map((coordinate, index) => (index === axis ? coordinate + edge : coordinate));
}

function centroid(vertices: readonly Vertex[]): number[] {
  const first = vertices[0]?.point ?? [];
  return first.map(
    (_, axis) => vertices.reduce((sum, { point }) => sum + (point[axis] ?? 0), 0) / vertices.length,
  );
}

/** The point a given share of the way from one point to another; beyond it when the share exceeds 1. */
function between(from: readonly number[], to: readonly number[], share: number): number[] {
  return from.map((coordinate, axis) => coordinate + share * ((to[axis] ?? 0) - coordinate));
}
