// The lower branch of Lambert's W function, needed for the tightest tuning of a normal mixture.
// Only the branch W_{-1}: the principal one has no use here.
import { ImpossibleInput } from '../impossible.ts';

/**
 * The w <= -1 with w e^w = x, for -1/e < x < 0. Newton's method on w + ln(-w) = ln(-x), which stays well
 * scaled when x is near 0, from the asymptotic start of Corless et al. 1996 (section 4).
 */
export function lambertWLower(x: number): number {
  if (!(x < 0 && x > -1 / Math.E)) {
    throw new ImpossibleInput('out_of_range', `W_-1 needs -1/e < x < 0, not ${x}`);
  }
  const target = Math.log(-x);
  const distance = -1 - target;
  let w = -1 - Math.sqrt(2 * distance) - distance;
  for (let step = 0; step < 60; step += 1) {
    const change = ((w + Math.log(-w) - target) * w) / (w + 1);
    w -= change;
    if (Math.abs(change) <= 4e-16 * Math.abs(w)) return w;
  }
  return w;
}
