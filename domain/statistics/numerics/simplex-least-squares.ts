// The point of least norm in the convex hull of given vectors: least squares with weights that are not
// negative and add up to one. An exact active-set method, so that a weight is either positive or exactly 0.
import { ImpossibleInput } from '../impossible.ts';
import { solveCholesky, tryCholesky } from './cholesky.ts';

export interface SimplexSolution {
  /** Not negative, adding up to 1. */
  readonly weights: readonly number[];
  /** Squared norm of the weighted sum of the vectors. */
  readonly objective: number;
  /** True when no other weights reach this objective; false when that could not be established. */
  readonly unique: boolean;
}

/** Optimality is judged relative to the longest vector's squared norm, near what rounding allows. */
const OPTIMALITY = 1e-13;
const ACCEPTABLE = 1e-8;

/**
 * Weights w >= 0 with sum 1 that minimise |sum w_j v_j|^2, by Wolfe's algorithm (Mathematical Programming
 * 1976): it keeps a set of affinely independent vectors, adds the one most opposed to the current point, and
 * steps to the affine minimiser, dropping vectors whose weight would turn negative. Vectors must have equal
 * lengths. Throws `no_data` without a vector and `no_convergence` if the optimality conditions do not hold.
 */
export function leastNormOnSimplex(vectors: readonly (readonly number[])[]): SimplexSolution {
  const count = vectors.length;
  if (count === 0) throw new ImpossibleInput('no_data', 'no vector to combine');
  const gram = gramMatrix(vectors);
  const norms = Array.from({ length: count }, (_unused, j) => gram[j * count + j] ?? 0);
  const scale = Math.max(...norms, Number.MIN_VALUE);
  let weights = new Float64Array(count);
  let support = [norms.indexOf(Math.min(...norms))];
  weights[support[0] ?? 0] = 1;
  const unusable = new Set<number>();
  for (let round = 0; round < 50 * (count + 5); round += 1) {
    const { gradient, objective } = gradientAt(gram, weights, support);
    const entering = mostOpposed(gradient, support, unusable);
    if (entering === undefined || (gradient[entering] as number) >= objective - OPTIMALITY * scale) break;
    const moved = moveTowards(gram, weights, [...support, entering], scale);
    // A vector that depends on the set to rounding cannot bring the point closer: leave it out.
    if (moved === undefined || !moved.support.includes(entering)) unusable.add(entering);
    else unusable.clear();
    if (moved !== undefined) ({ weights, support } = moved);
  }
  return conclude(gram, weights, support, scale);
}

/** Inner loop of Wolfe's method; undefined when the vectors of the set are dependent. */
function moveTowards(
  gram: Float64Array,
  start: Float64Array,
  initial: readonly number[],
  scale: number,
): { weights: Float64Array<ArrayBuffer>; support: number[] } | undefined {
  const weights = Float64Array.from(start);
  let support = [...initial];
  for (;;) {
    const target = affineMinimiser(gram, start.length, support, scale);
    if (target === undefined) return undefined;
    if (target.every((value) => value > 0)) {
      weights.fill(0);
      for (const [position, j] of support.entries()) weights[j] = target[position] as number;
      return { weights, support };
    }
    let step = 1;
    for (const [position, j] of support.entries()) {
      const [now, then] = [weights[j] as number, target[position] as number];
      if (then <= 0) step = Math.min(step, now / (now - then));
    }
    const kept: number[] = [];
    for (const [position, j] of support.entries()) {
      const [now, then] = [weights[j] as number, target[position] as number];
      const next = now + step * ((then as number) - now);
      // The vector that stops the step leaves exactly, whatever rounding makes of its weight.
      const leaves = then <= 0 && now / (now - then) <= step;
      weights[j] = leaves ? 0 : next;
      if (!leaves) kept.push(j);
    }
    support = kept;
  }
}

/**
 * Weights adding up to 1, of any sign, that minimise the norm over the set: proportional to the solution of
 * (G + s 11') u = 1. The added constant changes nothing on the plane of sum 1, and makes the matrix regular
 * for any affinely independent set.
 */
function affineMinimiser(
  gram: Float64Array,
  count: number,
  support: readonly number[],
  scale: number,
): Float64Array | undefined {
  const order = support.length;
  const system = new Float64Array(order * order);
  for (const [row, i] of support.entries()) {
    for (const [column, j] of support.entries()) {
      system[row * order + column] = (gram[i * count + j] as number) + scale;
    }
  }
  const factor = tryCholesky(system, order);
  if (!factor) return undefined;
  const solution = solveCholesky(factor, new Float64Array(order).fill(1));
  const total = solution.reduce((sum, value) => sum + value, 0);
  return total > 0 ? solution.map((value) => value / total) : undefined;
}

function conclude(
  gram: Float64Array,
  weights: Float64Array,
  support: readonly number[],
  scale: number,
): SimplexSolution {
  const total = weights.reduce((sum, value) => sum + value, 0);
  const { gradient, objective } = gradientAt(gram, weights, support);
  let slack = Number.POSITIVE_INFINITY;
  for (const [j, value] of gradient.entries()) {
    if (!support.includes(j)) slack = Math.min(slack, value - objective);
  }
  const stationary = support.every(
    (j) => Math.abs((gradient[j] as number) - objective) <= ACCEPTABLE * scale,
  );
  if (Math.abs(total - 1) > 1e-9 || slack < -ACCEPTABLE * scale || !stationary) {
    throw new ImpossibleInput('no_convergence', `simplex weights add up to ${total}, slack ${slack}`);
  }
  return {
    weights: Array.from(weights, (value) => value / total),
    objective: Math.max(0, objective),
    unique: slack > 1e-10 * scale,
  };
}

/** G w, and w'G w. */
function gradientAt(
  gram: Float64Array,
  weights: Float64Array,
  support: readonly number[],
): { gradient: Float64Array; objective: number } {
  const count = weights.length;
  const gradient = new Float64Array(count);
  for (const j of support) {
    const weight = weights[j] as number;
    for (let i = 0; i < count; i += 1) {
      gradient[i] = (gradient[i] as number) + weight * (gram[j * count + i] as number);
    }
  }
  let objective = 0;
  for (const j of support) objective += (weights[j] as number) * (gradient[j] as number);
  return { gradient, objective };
}

function mostOpposed(
  gradient: Float64Array,
  support: readonly number[],
  unusable: ReadonlySet<number>,
): number | undefined {
  let best: number | undefined;
  for (const [j, value] of gradient.entries()) {
    if (support.includes(j) || unusable.has(j)) continue;
    if (best === undefined || value < (gradient[best] as number)) best = j;
  }
  return best;
}

function gramMatrix(vectors: readonly (readonly number[])[]): Float64Array {
  const count = vectors.length;
  const gram = new Float64Array(count * count);
  for (const [i, a] of vectors.entries()) {
    for (let j = 0; j <= i; j += 1) {
      const b = vectors[j] ?? [];
      let sum = 0;
      for (const [index, value] of a.entries()) sum += value * (b[index] ?? 0);
      gram[i * count + j] = sum;
      gram[j * count + i] = sum;
    }
  }
  return gram;
}
