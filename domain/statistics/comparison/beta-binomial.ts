// The Bayesian comparison of two conversion rates with beta priors, without the Gaussian approximation.
// For small counts, where bayesian.ts is rough; descriptive only, like everything Bayesian here.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { integrate } from '../numerics/gauss-legendre.ts';
import { betaCdf, betaQuantile, betaSf, logBeta } from '../numerics/special.ts';
import type { ProportionSums } from './moments.ts';

/** Parameters of a beta distribution. */
export interface Beta {
  readonly alpha: number;
  readonly beta: number;
}

export interface RateComparison {
  /** P(treatment rate > control rate). */
  readonly chanceToWin: number;
  /** Conversion rate given up on average by each choice when it is the wrong one. */
  readonly expectedLoss: { readonly keepControl: number; readonly shipTreatment: number };
  readonly control: RatePosterior;
  readonly treatment: RatePosterior;
}

export interface RatePosterior {
  readonly mean: number;
  /** Equal-tailed, holding 1 - alpha. */
  readonly interval: readonly [number, number];
}

/** Posterior mass left out at each end of an integral. */
const TAIL = 1e-18;

/**
 * Compares two rates whose posteriors are beta(prior.alpha + successes, prior.beta + failures).
 */
export function compareRates(
  control: ProportionSums,
  treatment: ProportionSums,
  options: { readonly prior: Beta; readonly alpha: number },
): RateComparison {
  requireBetween('alpha', options.alpha, 0, 1);
  const a = posteriorOf(control, options.prior);
  const b = posteriorOf(treatment, options.prior);
  return {
    chanceToWin: chanceAbove(a, b),
    expectedLoss: { keepControl: expectedGain(a, b), shipTreatment: expectedGain(b, a) },
    control: { mean: meanOf(a), interval: intervalOf(a, options.alpha) },
    treatment: { mean: meanOf(b), interval: intervalOf(b, options.alpha) },
  };
}

/**
 * P(B > A), by quadrature over the narrower of the two on the logit scale, where both densities are smooth
 * and fall off exponentially even for parameters below 1.
 */
export function chanceAbove(a: Beta, b: Beta): number {
  return logitSpread(b) <= logitSpread(a)
    ? expectation(b, (x) => betaCdf(x, a.alpha, a.beta))
    : expectation(a, (x) => betaSf(x, b.alpha, b.beta));
}

/** E[max(B - A, 0)] = E[B] P(B+ > A) - E[A] P(B > A+), with + for one more success. */
function expectedGain(a: Beta, b: Beta): number {
  return Math.max(0, meanOf(b) * chanceAbove(a, oneMore(b)) - meanOf(a) * chanceAbove(oneMore(a), b));
}

function expectation(over: Beta, f: (x: number) => number): number {
  const { alpha, beta } = over;
  const low = logit(betaQuantile(TAIL, alpha, beta));
  // The upper end through the mirrored distribution: 1 - 1e-18 is 1 in a double.
  const high = -logit(betaQuantile(TAIL, beta, alpha));
  const constant = logBeta(alpha, beta);
  const integrand = (y: number) => {
    const logX = -Math.log1p(Math.exp(-y));
    const logRest = -Math.log1p(Math.exp(y));
    return Math.exp(alpha * logX + beta * logRest - constant) * f(Math.exp(logX));
  };
  return Math.min(1, integrate(integrand, low, high, 1.5 * Math.min(1, logitSpread(over))));
}

/** About the standard deviation of the logit of a beta variable. */
function logitSpread({ alpha, beta }: Beta): number {
  return Math.sqrt(1 / alpha + 1 / beta);
}

function logit(x: number): number {
  return Math.log(x) - Math.log1p(-x);
}

function posteriorOf({ n, successes }: ProportionSums, prior: Beta): Beta {
  requireFinite('n', n);
  requireFinite('successes', successes);
  if (successes < 0 || successes > n) {
    throw new ImpossibleInput('contradictory_sums', `${successes} successes among ${n} units`);
  }
  for (const value of [prior.alpha, prior.beta]) {
    requireFinite('prior', value);
    if (value <= 0) throw new ImpossibleInput('out_of_range', `a beta prior with a parameter of ${value}`);
  }
  return { alpha: prior.alpha + successes, beta: prior.beta + n - successes };
}

function meanOf({ alpha, beta }: Beta): number {
  return alpha / (alpha + beta);
}

function oneMore({ alpha, beta }: Beta): Beta {
  return { alpha: alpha + 1, beta };
}

function intervalOf({ alpha, beta }: Beta, level: number): readonly [number, number] {
  return [betaQuantile(level / 2, alpha, beta), 1 - betaQuantile(level / 2, beta, alpha)];
}
