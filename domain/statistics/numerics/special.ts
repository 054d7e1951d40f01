// The special functions of the statistics engine, and the only place that imports the library behind them.
// It takes detours where the library loses digits: the normal quantile, upper tails, and the incomplete
// gamma of a large order. Arguments outside a function's domain give NaN; refusing them is the caller's job.
import libraryBetaIncomplete from '@stdlib/math-base-special-betainc';
import libraryDigamma from '@stdlib/math-base-special-digamma';
import libraryErfc from '@stdlib/math-base-special-erfc';
import libraryErfcInverse from '@stdlib/math-base-special-erfcinv';
import libraryErfcScaled from '@stdlib/math-base-special-erfcx';
import libraryGammaIncomplete from '@stdlib/math-base-special-gammainc';
import libraryLogGamma from '@stdlib/math-base-special-gammaln';
import libraryHypergeometric from '@stdlib/math-base-special-hyp2f1';
import libraryBetaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import libraryLogNormalCdf from '@stdlib/stats-base-dists-normal-logcdf';
import libraryTCdf from '@stdlib/stats-base-dists-t-cdf';
import libraryTQuantile from '@stdlib/stats-base-dists-t-quantile';
import { LARGE_ORDER, largeOrderGammaP, largeOrderGammaQ } from './incomplete-gamma.ts';

const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** P(Z <= x) for a standard normal Z; exact in the lower tail down to the smallest double. */
export function normalCdf(x: number): number {
  return 0.5 * libraryErfc(-x * Math.SQRT1_2);
}

/** P(Z > x), computed as the lower tail at -x: 1 - normalCdf(x) is 0 beyond x = 8.3. */
export function normalSf(x: number): number {
  return 0.5 * libraryErfc(x * Math.SQRT1_2);
}

/** ln P(Z <= x), finite where normalCdf underflows. */
export function logNormalCdf(x: number): number {
  return libraryLogNormalCdf(x, 0, 1);
}

/** Density of the standard normal. */
export function normalPdf(x: number): number {
  return INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * x * x);
}

/**
 * The x with normalCdf(x) = p, for 0 < p < 1 down to 1e-300. Goes through the inverse of erfc, because the
 * library's own normal quantile is wrong below p = 1e-7 and -Infinity below 1e-16.
 */
export function normalQuantile(p: number): number {
  return p <= 0.5 ? -Math.SQRT2 * libraryErfcInverse(2 * p) : Math.SQRT2 * libraryErfcInverse(2 * (1 - p));
}

/** P(T <= t) for Student's t with `df` > 0 degrees of freedom, fractional allowed. */
export function tCdf(t: number, df: number): number {
  return libraryTCdf(t, df);
}

/** P(T > t), computed as the lower tail at -t: 1 - tCdf(t) loses every digit of a small p. */
export function tSf(t: number, df: number): number {
  return libraryTCdf(-t, df);
}

/** The t with tCdf(t, df) = p, for 0 < p < 1. */
export function tQuantile(p: number, df: number): number {
  return libraryTQuantile(p, df);
}

/** P(X > x) for a chi-square variable, never as 1 - chiSquareCdf. */
export function chiSquareSf(x: number, df: number): number {
  return x <= 0 ? 1 : gammaQ(df / 2, x / 2);
}

/** P(X <= x) for a chi-square variable with `df` > 0 degrees of freedom. */
export function chiSquareCdf(x: number, df: number): number {
  return x <= 0 ? 0 : gammaP(df / 2, x / 2);
}

/** P(X <= x) for a beta(a, b) variable; 0 below 0 and 1 above 1. */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  return x >= 1 ? 1 : libraryBetaIncomplete(x, a, b, true, false);
}

/** P(X > x) for a beta(a, b) variable, never as 1 - betaCdf. */
export function betaSf(x: number, a: number, b: number): number {
  if (x <= 0) return 1;
  return x >= 1 ? 0 : libraryBetaIncomplete(x, a, b, true, true);
}

/**
 * The x with betaCdf(x, a, b) = p. The library's value is good to about 3e-10; Newton steps on the smaller
 * of the two tails bring it to the accuracy of the distribution function itself.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0 || p >= 1) return p <= 0 ? 0 : 1;
  let x = libraryBetaQuantile(p, a, b);
  for (let step = 0; step < 2 && x > 0 && x < 1; step += 1) {
    const density = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b));
    const excess = p <= 0.5 ? betaCdf(x, a, b) - p : 1 - p - betaSf(x, a, b);
    const next = x - excess / density;
    // A step that leaves (0, 1) or is not a number means a density of 0: keep the library's value.
    if (!(next > 0 && next < 1)) break;
    x = next;
  }
  return x;
}

/** Regularised lower incomplete gamma P(a, x), a > 0, x >= 0. */
export function gammaP(a: number, x: number): number {
  return a >= LARGE_ORDER ? largeOrderGammaP(a, x) : libraryGammaIncomplete(x, a, true, false);
}

/** Regularised upper incomplete gamma Q(a, x), never as 1 - gammaP. */
export function gammaQ(a: number, x: number): number {
  return a >= LARGE_ORDER ? largeOrderGammaQ(a, x) : libraryGammaIncomplete(x, a, true, true);
}

/** ln |Gamma(x)|. */
export function logGamma(x: number): number {
  return libraryLogGamma(x);
}

/** Derivative of ln Gamma. */
export function digamma(x: number): number {
  return libraryDigamma(x);
}

/** ln B(a, b) for a, b > 0. */
export function logBeta(a: number, b: number): number {
  return libraryLogGamma(a) + libraryLogGamma(b) - libraryLogGamma(a + b);
}

/** Gauss' hypergeometric function 2F1(a, b; c; z). */
export function hyp2f1(a: number, b: number, c: number, z: number): number {
  return libraryHypergeometric(a, b, c, z);
}

/** Complementary error function. */
export function erfc(x: number): number {
  return libraryErfc(x);
}

/** exp(x^2) erfc(x), finite where erfc underflows. */
export function erfcx(x: number): number {
  return libraryErfcScaled(x);
}

/** Regularised incomplete beta I_x(a, b), under its mathematical name. */
export function regularisedBeta(x: number, a: number, b: number): number {
  return betaCdf(x, a, b);
}
