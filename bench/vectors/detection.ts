// Adapters from the reference vectors of detection to the estimators; they hold no formula of their own.
import { findChangepoints } from '../../domain/statistics/detection/changepoint.ts';
import { cusumChart, ewmaChart } from '../../domain/statistics/detection/control-chart.ts';
import { type EsdOptions, generalisedEsd } from '../../domain/statistics/detection/esd.ts';
import { seasonalHybridEsd } from '../../domain/statistics/detection/seasonal-hybrid-esd.ts';
import {
  anscombeDistance,
  gammaPoissonUpperTail,
  negativeBinomialUpperTail,
  poissonUpperTail,
} from '../../domain/statistics/detection/spike.ts';
import { projectStructural } from '../../domain/statistics/detection/structural-time-series.ts';
import type { AdapterTable } from './compare.ts';

interface SpikeInput {
  readonly observed: number;
  readonly expected: number;
  readonly nb_size: number;
  readonly history: readonly number[];
}

interface EsdInput {
  readonly x: readonly number[];
  readonly max_outliers: number;
  readonly alpha: number;
  readonly hybrid: boolean;
  readonly direction: EsdOptions['direction'];
}

interface StlInput {
  readonly x: readonly number[];
  readonly period: number;
  readonly seasonal_window: number;
  readonly robust: boolean;
  readonly max_outliers: number;
  readonly alpha: number;
}

interface ChartInput {
  readonly x: readonly number[];
  readonly target: number;
  readonly sd: number;
  readonly lam: number;
  readonly L: number;
  readonly k: number;
  readonly h: number;
}

interface ChangepointInput {
  readonly x: readonly number[];
  readonly penalty: number;
  readonly min_size: number;
}

interface StructuralInput {
  readonly y: readonly number[];
  readonly x: readonly (readonly number[])[];
  readonly beta: readonly number[];
  readonly n_pre: number;
  readonly sigma2_irregular: number;
  readonly sigma2_level: number;
  readonly sigma2_seasonal: number | null;
  readonly seasonal_period: number | null;
  readonly initial_level_mean: number;
  readonly initial_state_variance: number;
}

export const detectionAdapters: AdapterTable = {
  detect_spike: {
    compute: ({ observed, expected, nb_size, history }: SpikeInput) => ({
      p_poisson: poissonUpperTail(observed, expected),
      p_negbin: negativeBinomialUpperTail(observed, expected, nb_size),
      p_gamma_poisson: gammaPoissonUpperTail(observed, history),
      anscombe_z: anscombeDistance(observed, expected),
    }),
  },
  detect_esd: {
    compute: ({ x, max_outliers: maximumOutliers, alpha, hybrid, direction }: EsdInput) => {
      const result = generalisedEsd(x, { maximumOutliers, alpha, hybrid, direction });
      return { R: result.deviations, lam: result.limits, outliers: result.outliers };
    },
  },
  detect_stl_shesd: {
    compute: (input: StlInput) => {
      const { outliers, decomposition } = seasonalHybridEsd(input.x, {
        period: input.period,
        seasonalWindow: input.seasonal_window,
        robust: input.robust,
        maximumOutliers: input.max_outliers,
        alpha: input.alpha,
        direction: 'both',
      });
      return { seasonal: decomposition.seasonal, trend: decomposition.trend, shesd_outliers: outliers };
    },
  },
  detect_ewma_cusum: {
    compute: ({ x, target, sd, lam: weight, L: limit, k: allowance, h: threshold }: ChartInput) => {
      const ewma = ewmaChart(x, { target, sd, weight, limit });
      const cusum = cusumChart(x, { target, allowance, threshold });
      return {
        ewma: ewma.averages,
        ewma_halfwidth: ewma.halfWidths,
        ewma_alarms: ewma.alarms,
        cusum_high: cusum.high,
        cusum_low: cusum.low,
        cusum_alarms: cusum.alarms,
      };
    },
  },
  detect_changepoint: {
    compute: ({ x, penalty, min_size: minimumLength }: ChangepointInput) => {
      const { breakpoints, totalCost } = findChangepoints(x, { penalty, minimumLength });
      return { breakpoints, total_cost: totalCost };
    },
  },
  structural_time_series: { compute: structural },
};

function structural(input: StructuralInput) {
  const model = {
    irregularVariance: input.sigma2_irregular,
    levelVariance: input.sigma2_level,
    seasonalVariance: input.sigma2_seasonal ?? 0,
    seasonLength: input.seasonal_period ?? 0,
    initialLevel: input.initial_level_mean,
    initialVariance: input.initial_state_variance,
  };
  const { y: values, x: regressors, beta: coefficients, n_pre: before } = input;
  const projection = projectStructural(model, { values, regressors, coefficients, before });
  return {
    loglik: projection.logLikelihood,
    forecast_mean: projection.means,
    forecast_var: projection.variances,
    cumulative_effect: projection.cumulativeEffect,
    cumulative_effect_sd: projection.cumulativeSd,
    p_positive: projection.probabilityPositive,
  };
}
