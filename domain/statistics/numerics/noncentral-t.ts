// The upper tail of the noncentral t distribution, which the power of a t test needs.
// Plain numerical integration over the estimated standard deviation; not meant for hot loops.
import { integrate } from './gauss-legendre.ts';
import { logGamma, normalCdf } from './special.ts';

/** Mass beyond the range of integration: exp(-40) is below 1e-17. */
const LOG_CUT = 40;

/**
 * P(T > t) for T = (Z + shift) / S with df * S^2 chi-square, that is the integral over s of
 * P(Z > t s - shift) times the density of S. It runs over x = ln s, where the log density is
 * df (x - exp(2x)/2) plus a constant: smooth even below one degree of freedom.
 */
export function noncentralTSf(t: number, df: number, shift: number): number {
  const spread = LOG_CUT / df;
  // The exponent loses at least y^2/(1+y) at x = -y and at least x^2 above 0: both are solved for the cut.
  const low = -(spread + Math.sqrt(spread * spread + 4 * spread)) / 2;
  const high = Math.sqrt(spread);
  const logScale = Math.LN2 + logStirlingRatio(df / 2);
  // The density varies on the scale 1/sqrt(2 df), the normal tail on 1/(|shift| + a few).
  const panelWidth = 1.5 / Math.max(Math.sqrt(2 * df), Math.abs(shift) + 3);
  return integrate(
    (x) => Math.exp(logScale - df * logDensityDrop(x)) * normalCdf(shift - t * Math.exp(x)),
    low,
    high,
    panelWidth,
  );
}

/** exp(2x)/2 - x - 1/2, which is 0 at 0; by its series near 0, where the difference would lose digits. */
function logDensityDrop(x: number): number {
  if (Math.abs(x) > 0.01) return Math.expm1(2 * x) / 2 - x;
  return x * x * (1 + x * (2 / 3 + x * (1 / 3 + x * (2 / 15 + (x * 2) / 45))));
}

/** a ln a - a - ln Gamma(a): by Stirling's series for large a, where the three terms would cancel. */
function logStirlingRatio(a: number): number {
  if (a < 100) return a * Math.log(a) - a - logGamma(a);
  return 0.5 * Math.log(a / (2 * Math.PI)) - 1 / (12 * a) + 1 / (360 * a ** 3);
}
