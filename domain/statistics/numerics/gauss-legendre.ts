// Numerical integration by Gauss-Legendre panels: nodes and weights, and the integral of a smooth function.
// It does not choose how fine the panels are: the caller knows the scale on which its integrand varies.

export interface QuadratureRule {
  /** Abscissae on [-1, 1], ascending. */
  readonly nodes: Float64Array;
  /** Weights, which add up to 2. */
  readonly weights: Float64Array;
}

const rules = new Map<number, QuadratureRule>();

/**
 * The n-point Gauss-Legendre rule on [-1, 1], exact for polynomials of degree 2n - 1. Nodes are the roots of
 * the Legendre polynomial, found by Newton steps from Tricomi's approximation. Rules are kept once computed.
 */
export function gaussLegendre(n: number): QuadratureRule {
  const known = rules.get(n);
  if (known) return known;
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    // Newton doubles the digits each time: six steps are more than double precision can use.
    for (let step = 0; step < 6; step += 1) {
      const [value, derivative] = legendre(n, x);
      slope = derivative;
      x -= value / derivative;
    }
    slope = legendre(n, x)[1];
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  const rule = { nodes, weights };
  rules.set(n, rule);
  return rule;
}

/** Integral of `f` over [low, high] by panels at most `panelWidth` wide, each with a rule of `points` nodes. */
export function integrate(
  f: (x: number) => number,
  low: number,
  high: number,
  panelWidth: number,
  points = 16,
): number {
  const { nodes, weights } = gaussLegendre(points);
  const panels = Math.max(1, Math.ceil((high - low) / panelWidth));
  const half = (high - low) / (2 * panels);
  let total = 0;
  for (let panel = 0; panel < panels; panel += 1) {
    const centre = low + (2 * panel + 1) * half;
    for (let i = 0; i < points; i += 1) {
      total += (weights[i] as number) * f(centre + half * (nodes[i] as number));
    }
  }
  return total * half;
}

/** The Legendre polynomial of degree n and its derivative at x, by the three-term recurrence. */
function legendre(n: number, x: number): [value: number, derivative: number] {
  let previous = 1;
  let current = x;
  for (let degree = 2; degree <= n; degree += 1) {
    const next = ((2 * degree - 1) * x * current - (degree - 1) * previous) / degree;
    previous = current;
    current = next;
  }
  return [current, (n * (x * current - previous)) / (x * x - 1)];
}
