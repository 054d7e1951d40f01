// Finding the zero of a continuous function of one variable, by Brent's method inside a bracket.
// It never looks outside of the bracket it was given, except in `expandBracket`, which is asked to.
import { ImpossibleInput } from '../impossible.ts';

export interface RootOptions {
  /** Absolute tolerance on x, default 0 (to double precision). */
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

/**
 * The x in [low, high] with f(x) = 0; f(low) and f(high) must differ in sign. Inverse quadratic steps guarded
 * by bisection (Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4). Throws
 * `no_convergence` when there is no change of sign or the iterations run out.
 */
export function brentRoot(
  f: (x: number) => number,
  low: number,
  high: number,
  options: RootOptions = {},
): number {
  const { tolerance = 0, maxIterations = 200 } = options;
  let [a, b] = [low, high];
  let [fa, fb] = [f(a), f(b)];
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (Math.sign(fa) * Math.sign(fb) !== -1) {
    throw new ImpossibleInput('no_convergence', `no change of sign on [${low}, ${high}]: ${fa}, ${fb}`);
  }
  let [c, fc] = [a, fa];
  let step = b - a;
  let previousStep = step;
  for (let iteration = 0; iteration < maxIterations; iteration += 1) {
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const small = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2;
    const middle = (c - b) / 2;
    if (Math.abs(middle) <= small || fb === 0) return b;
    const proposed = Math.abs(previousStep) < small ? undefined : interpolate(a, b, c, fa, fb, fc);
    if (proposed !== undefined && isTrusted(proposed, middle, small, previousStep)) {
      [previousStep, step] = [step, proposed];
    } else {
      [previousStep, step] = [middle, middle];
    }
    [a, fa] = [b, fb];
    b += Math.abs(step) > small ? step : Math.sign(middle) * small;
    fb = f(b);
    if (Math.sign(fb) === Math.sign(fc)) {
      [c, fc] = [a, fa];
      step = b - a;
      previousStep = step;
    }
  }
  throw new ImpossibleInput('no_convergence', `no root after ${maxIterations} steps on [${low}, ${high}]`);
}

/**
 * Widens [low, high] away from its middle, doubling each time, until f changes sign on it. For functions that
 * are monotone on the whole line; throws `no_convergence` after 60 doublings.
 */
export function expandBracket(f: (x: number) => number, low: number, high: number): [number, number] {
  let [a, b] = [low, high];
  for (let doubling = 0; doubling < 60; doubling += 1) {
    if (Math.sign(f(a)) * Math.sign(f(b)) <= 0) return [a, b];
    const width = b - a;
    a -= width / 2;
    b += width / 2;
  }
  throw new ImpossibleInput('no_convergence', `no change of sign around [${low}, ${high}]`);
}

/** The step from b to the zero of the secant, or of the inverse quadratic through three points. */
function interpolate(
  a: number,
  b: number,
  c: number,
  fa: number,
  fb: number,
  fc: number,
): number | undefined {
  const s = fb / fa;
  let p: number;
  let q: number;
  if (a === c) {
    p = (c - b) * s;
    q = 1 - s;
  } else {
    const r = fb / fc;
    const t = fa / fc;
    p = s * ((c - b) * t * (t - r) - (b - a) * (r - 1));
    q = (t - 1) * (r - 1) * (s - 1);
  }
  const step = -p / q;
  return Number.isFinite(step) ? step : undefined;
}

/** A step is kept when it stays well inside the bracket and shrinks faster than bisection would. */
function isTrusted(step: number, middle: number, small: number, previousStep: number): boolean {
  const inside = step * Math.sign(middle) > 0 && Math.abs(step) < 1.5 * Math.abs(middle) - small / 2;
  return inside && Math.abs(step) < Math.abs(previousStep) / 2;
}
