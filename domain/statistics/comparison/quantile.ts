// The moments of a sample quantile, so that a median or a 90th percentile can be compared like a mean.
// It works from the quantile and two neighbouring ones; it never needs the raw values.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { normalQuantile } from '../numerics/special.ts';
import { type Moments, type RatioSums, ratioMoments, requireUnits } from './moments.ts';

export interface QuantileSums {
  /** Events over which the quantile is taken. */
  readonly n: number;
  /** Events among which `lower` and `upper` were looked up, at most n. */
  readonly sampled: number;
  /** Level of the quantile, between 0 and 1. */
  readonly level: number;
  readonly estimate: number;
  /** The sample quantiles at level -+ 1.96 sqrt(level (1 - level) / sampled). */
  readonly lower: number;
  readonly upper: number;
  /**
   * When one randomised unit has several events: per unit, the events at or below the quantile (numerator)
   * and all its events (denominator).
   */
  readonly clusters?: RatioSums;
}

const Z_975 = normalQuantile(0.975);
/** A metric with many ties gives equal neighbours; then the variance is not zero but unknown and small. */
const LEAST_VARIANCE = 1e-5;

/**
 * Variance per event from the width of a 95% interval of order statistics; with clusters it is multiplied by
 * the ratio of the cluster-robust to the binomial variance of the share below the quantile (Deng, Knoblich
 * and Lu 2018, section 4).
 */
export function quantileMoments(sums: QuantileSums): Moments {
  const { n, sampled, level, estimate, lower, upper, clusters } = sums;
  requireUnits(n, 2);
  requireBetween('level', level, 0, 1);
  requireFinite('estimate', estimate);
  requireFinite('upper - lower', upper - lower);
  if (upper < lower) throw new ImpossibleInput('contradictory_sums', `quantiles ${lower} > ${upper}`);
  const half = (upper - lower) / (2 * Z_975);
  const raw = (sampled / n) * (n - 1) * half * half;
  const variance = n >= 100 ? Math.max(LEAST_VARIANCE, raw) : raw;
  if (clusters === undefined) return { n, mean: estimate, variance };
  const share = ratioMoments(clusters);
  const inflation = share.variance / clusters.n / ((level * (1 - level)) / n);
  return { n, mean: estimate, variance: variance * inflation };
}
