// Adapters from the reference vectors of incrementality to the estimators; they hold no formula of their own.
import { differenceInDifferences } from '../../domain/statistics/incrementality/difference-in-differences.ts';
import { holdoutLift } from '../../domain/statistics/incrementality/holdout.ts';
import { switchback } from '../../domain/statistics/incrementality/switchback.ts';
import {
  placeboTest,
  ridgeAugmented,
  syntheticControl,
} from '../../domain/statistics/incrementality/synthetic-control.ts';
import { timeBasedRegression } from '../../domain/statistics/incrementality/time-based-regression.ts';
import type { AdapterTable } from './compare.ts';

interface HoldoutInput {
  readonly n_treated: number;
  readonly n_holdout: number;
  readonly conv_treated: number;
  readonly conv_holdout: number;
  readonly sum_treated: number;
  readonly sum_squares_treated: number;
  readonly sum_holdout: number;
  readonly sum_squares_holdout: number;
  readonly spend: number;
  readonly alpha: number;
}

function holdout(input: HoldoutInput): unknown {
  const lift = holdoutLift(
    {
      people: input.n_treated,
      conversions: input.conv_treated,
      revenue: input.sum_treated,
      revenueSquares: input.sum_squares_treated,
    },
    {
      people: input.n_holdout,
      conversions: input.conv_holdout,
      revenue: input.sum_holdout,
      revenueSquares: input.sum_squares_holdout,
    },
    input.alpha,
    input.spend,
  );
  return {
    incremental_conversions: lift.incrementalConversions,
    incremental_conversions_ci: lift.incrementalConversionsInterval,
    cpia: lift.costPerIncrementalConversion,
    incremental_revenue: lift.incrementalRevenue,
    incremental_revenue_ci: lift.incrementalRevenueInterval,
    iroas: lift.returnOnSpend?.ratio,
    iroas_ci: lift.returnOnSpend?.interval,
    p_iroas_le_0: lift.returnOnSpend?.chanceAtMostZero,
    p_iroas_le_1: lift.returnOnSpend?.chanceAtMostOne,
    relative_lift: lift.relativeLift,
    relative_lift_fieller_ci: lift.relativeLiftFieller,
    relative_lift_delta_ci: lift.relativeLiftDelta,
    incrementality_share: lift.incrementalShare,
  };
}

interface PanelInput {
  readonly design: 'twfe' | '2x2';
  readonly y: readonly (readonly number[])[];
  readonly treated_units: readonly number[];
  readonly first_post_period: number;
}

function panelEffect(input: PanelInput): unknown {
  const result = differenceInDifferences(
    { y: input.y, treatedUnits: input.treated_units, firstPostPeriod: input.first_post_period },
    input.design === '2x2' ? 'pooled' : 'fixed_effects',
    0.05,
  );
  const { ols, hc0, hc1, hc2, hc3, cr0, cr1 } = result.standardErrors;
  return {
    att: result.effect,
    se_ols: ols,
    se_hc0: hc0,
    se_hc1: hc1,
    se_hc2: hc2,
    se_hc3: hc3,
    se_cluster: cr1,
    se_cluster_cr0: cr0,
    p_cluster_t: result.p,
    ci_cluster_t: [result.lower, result.upper],
    n_params: result.parameters,
  };
}

interface SyntheticInput {
  readonly donors: readonly (readonly number[])[];
  readonly treated: readonly number[];
  readonly n_pre: number;
  readonly v: readonly number[];
  readonly ridge_lambda: number;
}

function syntheticMarket({ donors, treated, n_pre, v, ridge_lambda }: SyntheticInput): unknown {
  const input = { donors, treated, prePeriods: n_pre, periodWeights: v };
  const result = syntheticControl(input);
  const placebo = placeboTest(input, result.rmspeRatio);
  const augmented = ridgeAugmented(input, result.weights, ridge_lambda);
  return {
    weights: result.weights,
    objective: result.objective,
    unique: result.unique,
    gap: result.gap,
    att: result.effect,
    rmspe_pre: result.rmspePre,
    rmspe_ratio: result.rmspeRatio,
    placebo_ratios: placebo.ratios,
    p_placebo: placebo.p,
    ascm_weights: augmented.weights,
    ascm_att: augmented.effect,
  };
}

interface RegressionInput {
  readonly control: readonly number[];
  readonly treatment: readonly number[];
  readonly n_pre: number;
  readonly n_test: number;
  readonly n_cooldown: number;
  readonly level: number;
  readonly tails: 1 | 2;
  readonly spend: number;
}

function regression(input: RegressionInput): unknown {
  const result = timeBasedRegression({
    control: input.control,
    treatment: input.treatment,
    prePeriods: input.n_pre,
    testPeriods: input.n_test + input.n_cooldown,
    level: input.level,
    tails: input.tails,
    spend: input.spend,
  });
  return {
    intercept: result.fit.intercept,
    slope: result.fit.slope,
    sigma2: result.fit.variance,
    df: result.fit.degreesOfFreedom,
    estimate: result.effect,
    scale: result.scale,
    lower: result.lower,
    upper: result.upper,
    probability_gt_0: result.chanceAboveZero,
    cumulative_daily: result.cumulative,
    scale_daily: result.scales,
    iroas: result.returnOnSpend?.ratio,
    iroas_lower: result.returnOnSpend?.lower,
  };
}

interface SwitchbackVector {
  readonly y: readonly number[];
  readonly treated: readonly number[];
  readonly slot: readonly number[];
  readonly block: readonly number[];
  readonly maxlags: number;
}

function switchbackEffect({ maxlags, ...series }: SwitchbackVector): unknown {
  const { effect, standardErrors } = switchback({ ...series, lags: maxlags });
  return {
    effect,
    se_ols: standardErrors.ols,
    se_hac: standardErrors.hac,
    se_hac_corrected: standardErrors.hacCorrected,
    se_cluster_block: standardErrors.block,
  };
}

export const incrementalityAdapters: AdapterTable = {
  holdout_lift: { compute: holdout },
  did: { compute: panelEffect },
  synthetic_control: { compute: syntheticMarket },
  tbr: { compute: regression },
  switchback: { compute: switchbackEffect },
};
