// Maximum likelihood for models whose parameters are all positive, searched on their logarithms.
// It owns the box that keeps a flat likelihood from running away, and must not know any model.
import { ImpossibleInput } from '../impossible.ts';
import { minimise } from '../numerics/nelder-mead.ts';

/**
 * The box: exp(-12) to exp(12). A parameter that runs to its edge means that the data show no sign of the
 * difference between customers that it describes; further out the likelihood changes by less than noise.
 */
const LOG_LIMIT = 12;

export interface PositiveFit {
  readonly parameters: readonly number[];
  readonly logLikelihood: number;
  /** True when a parameter ran to the edge of the box: predictions stand, the parameter itself does not. */
  readonly atBoundary: boolean;
}

/**
 * Maximises a log-likelihood of positive parameters from several starts.
 * Throws `no_convergence` when no start has a finite likelihood.
 */
export function maximiseLikelihood(
  logLikelihood: (parameters: readonly number[]) => number,
  starts: readonly (readonly number[])[],
): PositiveFit {
  const objective = (logs: readonly number[]): number => {
    if (logs.some((log) => Math.abs(log) > LOG_LIMIT)) return Number.POSITIVE_INFINITY;
    try {
      return -logLikelihood(logs.map(Math.exp));
    } catch (error) {
      // A corner of the box may be out of reach of a series: not a place to search, and not the end either.
      if (error instanceof ImpossibleInput && error.code === 'no_convergence')
        return Number.POSITIVE_INFINITY;
      throw error;
    }
  };
  const found = minimise(
    objective,
    starts.map((start) => start.map((value) => Math.log(value))),
    { step: 0.6, tolerance: 1e-8 },
  );
  return {
    parameters: found.point.map(Math.exp),
    logLikelihood: -found.value,
    atBoundary: found.point.some((log) => Math.abs(log) > LOG_LIMIT - 0.01),
  };
}
