// The regularised incomplete gamma functions of a large order, where the library returns values that are
// wrong by up to 16% near x = a. Below LARGE_ORDER the library is right and faster, so use special.ts.
import { ImpossibleInput } from '../impossible.ts';

/** The order from which the two functions of this file replace the library's. */
export const LARGE_ORDER = 500;

const MAX_TERMS = 20_000_000;
const TINY = 1e-300;

/** P(a, x) for a >= LARGE_ORDER and x >= 0. */
export function largeOrderGammaP(a: number, x: number): number {
  if (!(x > 0)) return x === 0 ? 0 : Number.NaN;
  return x < a + 1 ? lowerSeries(a, x) : 1 - upperFraction(a, x);
}

/** Q(a, x) for a >= LARGE_ORDER and x >= 0; the small tail is always the one computed directly. */
export function largeOrderGammaQ(a: number, x: number): number {
  if (!(x > 0)) return x === 0 ? 1 : Number.NaN;
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}

/** P(a, x) = prefix/a * (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...), DLMF 8.11.4. */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < MAX_TERMS; k += 1) {
    term *= x / (a + k);
    sum += term;
    if (term < sum * 1e-17) return (densityTimesX(a, x) / a) * sum;
  }
  throw new ImpossibleInput('no_convergence', `incomplete gamma at a = ${a}, x = ${x}`);
}

/** Q(a, x) as Legendre's continued fraction (DLMF 8.9.2), evaluated by the modified Lentz method. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let k = 1; k < MAX_TERMS; k += 1) {
    const numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const factor = d * c;
    h *= factor;
    if (Math.abs(factor - 1) < 1e-15) return densityTimesX(a, x) * h;
  }
  throw new ImpossibleInput('no_convergence', `incomplete gamma at a = ${a}, x = ${x}`);
}

/**
 * x^a e^-x / Gamma(a). Written around x = a with Stirling's series, because the plain difference of
 * a ln x, x and ln Gamma(a) loses as many digits as a has.
 */
function densityTimesX(a: number, x: number): number {
  const stirling = 1 / (12 * a) - 1 / (360 * a ** 3) + 1 / (1260 * a ** 5);
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(-a * excessOverLog((x - a) / a) - stirling);
}

/** u - ln(1 + u) without the cancellation of the plain form around u = 0. */
function excessOverLog(u: number): number {
  if (Math.abs(u) > 0.1) return u - Math.log1p(u);
  let power = u * u;
  let sum = power / 2;
  for (let k = 3; k < 40; k += 1) {
    power *= -u;
    sum += power / k;
    if (Math.abs(power) < 1e-18 * sum) break;
  }
  return sum;
}
