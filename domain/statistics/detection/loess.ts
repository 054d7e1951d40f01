// Local linear regression at the points of an evenly spaced series, the smoother inside of stl.ts.
// Positions are indices; it must not be asked for unevenly spaced or missing values.

export interface LoessOptions {
  /** Number of neighbours that carry weight, odd. */
  readonly window: number;
  /** A weight for each value, on top of the distance; undefined for all 1. */
  readonly robustness: Float64Array | undefined;
}

/** The neighbours that a point is fitted from, both ends included. */
interface Neighbours {
  readonly first: number;
  readonly last: number;
}

/** Smooths the whole series at each of its own positions (Cleveland and others 1990, section 2.2). */
export function smoothLoess(values: Float64Array, options: LoessOptions): Float64Array {
  return Float64Array.from(values, (value, at) => fitLoess(values, at, options) ?? value);
}

/**
 * The fit at any position, also one step outside of the series. Undefined when robustness leaves no weight: the
 * caller decides what stands in for it.
 */
export function fitLoess(values: Float64Array, at: number, options: LoessOptions): number | undefined {
  const near = nearest(values.length, at, options.window);
  const weights = neighbourWeights(values.length, at, near, options);
  if (weights === undefined) return undefined;
  tilt(weights, values.length, at, near);
  let fit = 0;
  for (let offset = 0; offset < weights.length; offset += 1) {
    fit += (weights[offset] ?? 0) * (values[near.first + offset] ?? 0);
  }
  return fit;
}

function nearest(length: number, at: number, window: number): Neighbours {
  if (window >= length) return { first: 0, last: length - 1 };
  const first = Math.min(Math.max(at - ((window - 1) >> 1), 0), length - window);
  return { first, last: first + window - 1 };
}

/** Tricube weights that add up to 1, or undefined when all are 0. */
function neighbourWeights(
  length: number,
  at: number,
  { first, last }: Neighbours,
  { window, robustness }: LoessOptions,
): Float64Array | undefined {
  // A window wider than the series reaches beyond its ends, and so flattens the weights.
  const reach = Math.max(at - first, last - at) + (window > length ? (window - length) >> 1 : 0);
  const weights = new Float64Array(last - first + 1);
  let total = 0;
  for (let index = first; index <= last; index += 1) {
    const distance = Math.abs(index - at);
    if (distance > 0.999 * reach) continue;
    const weight = (distance <= 0.001 * reach ? 1 : tricube(distance / reach)) * (robustness?.[index] ?? 1);
    weights[index - first] = weight;
    total += weight;
  }
  if (total <= 0) return undefined;
  for (let offset = 0; offset < weights.length; offset += 1) weights[offset] = (weights[offset] ?? 0) / total;
  return weights;
}

/** Written as products: powers take four fifths of the time of a decomposition. */
function tricube(share: number): number {
  const rest = 1 - share * share * share;
  return rest * rest * rest;
}

/** Turns the weights of a local mean into those of a local line, unless the neighbours all but coincide. */
function tilt(weights: Float64Array, length: number, at: number, { first }: Neighbours): void {
  let centre = 0;
  for (let offset = 0; offset < weights.length; offset += 1)
    centre += (weights[offset] ?? 0) * (first + offset);
  let spread = 0;
  for (let offset = 0; offset < weights.length; offset += 1) {
    const distance = first + offset - centre;
    spread += (weights[offset] ?? 0) * distance * distance;
  }
  if (Math.sqrt(spread) <= 0.001 * (length - 1)) return;
  const slope = (at - centre) / spread;
  for (let offset = 0; offset < weights.length; offset += 1) {
    weights[offset] = (weights[offset] ?? 0) * (1 + slope * (first + offset - centre));
  }
}
