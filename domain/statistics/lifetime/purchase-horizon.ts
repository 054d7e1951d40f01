// The expected number of purchases, up to a horizon, of a BG/NBD customer who is alive at the start.
// It owns one integral and the care that it needs; who is alive is decided in bg-nbd.ts.
import { integrate } from '../numerics/gauss-legendre.ts';
import { logHypergeometric } from '../numerics/hypergeometric.ts';

/** What is believed of the customer: rate ~ gamma(shape, rate), chance to leave ~ beta(a, b). */
export interface AliveBelief {
  readonly shape: number;
  readonly rate: number;
  readonly a: number;
  readonly b: number;
}

/** Below this the closed form subtracts two numbers that agree in most of their digits. */
const CANCELLATION = 1e-5;

/**
 * E[purchases in (0, horizon]] = (a+b-1)/(a-1) [1 - (rate/(rate+t))^shape 2F1(shape, b; a+b-1; t/(rate+t))]
 * (Fader, Hardie and Lee 2005, equations 9 and 10). Near a = 1, near a + b = 1 and for very short horizons the
 * closed form is 0/0 or close to it; there the purchase rate over time, which has no such point, is integrated.
 */
export function expectedPurchasesIfAlive(belief: AliveBelief, horizon: number): number {
  const { shape, rate, a, b } = belief;
  if (horizon === 0) return 0;
  const order = a + b - 1;
  if (order > 0) {
    const logStay = -shape * Math.log1p(horizon / rate);
    const logSum = logHypergeometric(shape, b, order, horizon / (rate + horizon));
    const gap = -Math.expm1(logStay + logSum);
    if (Math.abs(gap) > CANCELLATION) return (order / (a - 1)) * gap;
  }
  // In u = ln(1 + t/rate) the rate of purchases varies on a scale of about 1/(shape + b).
  const end = Math.log1p(horizon / rate);
  const intensity = (u: number): number => shape * purchaseIntensity(belief, -Math.expm1(-u));
  return integrate(intensity, 0, end, Math.min(end, 4 / (1 + Math.sqrt(shape + b))));
}

/** (1-z)^shape 2F1(shape+1, b; a+b; z): the share of the first purchase rate that is left at z = t/(rate+t). */
function purchaseIntensity({ shape, a, b }: AliveBelief, z: number): number {
  return Math.exp(shape * Math.log1p(-z) + logHypergeometric(shape + 1, b, a + b, z));
}
