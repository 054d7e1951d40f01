// Adapters from the reference vectors of comparing arms to the estimators; they hold no formula of their own.
import { type Posterior, type Prior, posteriorOf } from '../../domain/statistics/comparison/bayesian.ts';
import { compareRates } from '../../domain/statistics/comparison/beta-binomial.ts';
import {
  confidenceSequence,
  normalMixtureBoundary,
  tightestRho,
} from '../../domain/statistics/comparison/confidence-sequence.ts';
import type { CupedEffect } from '../../domain/statistics/comparison/cuped.ts';
import type { Difference, Effect } from '../../domain/statistics/comparison/effect.ts';
import { type Alternative, tTest } from '../../domain/statistics/comparison/t-test.ts';
import { ImpossibleInput } from '../../domain/statistics/impossible.ts';
import { type Arm, type ArmsInput, effectOfArms, effectOfStrata } from './arms.ts';
import type { AdapterTable, CaseContext } from './compare.ts';
import { specialFunctionAdapters } from './special-functions.ts';
import { isRecord } from './tolerance.ts';

interface Judgement {
  readonly test: string;
  readonly alpha: number;
  readonly test_value: number;
  /** The reference's default when a case does not say. */
  readonly tuning?: number;
  readonly prior?: ReferencePrior | null;
  readonly inverse?: boolean;
}

interface ReferencePrior {
  readonly mean: number;
  readonly variance: number;
  readonly proper: boolean;
  readonly type: 'relative' | 'absolute';
}

interface RatesInput {
  readonly prior_alpha: number;
  readonly prior_beta: number;
  readonly x_control: number;
  readonly n_control: number;
  readonly x_treatment: number;
  readonly n_treatment: number;
}

interface MixtureInput {
  readonly theta_hat: number;
  readonly var: number;
  readonly tau: number;
  readonly alpha: number;
  readonly v: number;
  readonly rho: number;
  readonly t_opt: number;
}

const DEFAULT_TUNING = 5000;

export const comparisonAdapters: AdapterTable = {
  ...specialFunctionAdapters,
  proportion_ttest: { compute: judgeArms },
  mean_ttest: { compute: judgeArms },
  ratio_ttest: { compute: judgeArms },
  cuped_mean: { compute: judgeArms },
  cuped_ratio: { compute: judgeArms },
  quantile: { compute: judgeArms },
  post_stratification: { compute: judgeStrata },
  sequential: { compute: judgeArms },
  bayesian: { compute: judgeArms },
  edge_cases: { compute: judgeEdgeCase },
  msprt_normal_mixture: { compute: judgeMixture },
  beta_binomial: { compute: judgeRates },
};

type Fields = Readonly<Record<string, unknown>>;

interface StrataInput {
  readonly strata: readonly (readonly [Arm, Arm])[];
  readonly difference: Difference;
}

function judgeArms(input: ArmsInput & Judgement): Fields {
  return judgeEffect(effectOfArms(input), input);
}

function judgeStrata(input: StrataInput & Judgement): Fields {
  return judgeEffect(effectOfStrata(input.strata, input.difference), input);
}

/** The reference's fields for an effect, from whichever of the three methods the case names. */
function judgeEffect(effect: Effect | CupedEffect, input: Judgement): Fields {
  return { ...methodFields(effect, input), ...('theta' in effect ? { theta: effect.theta } : {}) };
}

function methodFields(effect: Effect, input: Judgement): Fields {
  const { test, alpha, test_value: nullValue } = input;
  if (test === 'bayes') return posteriorFields(effect, input);
  if (test.startsWith('seq')) {
    const tuning = { sampleSize: input.tuning ?? DEFAULT_TUNING };
    const alternative = alternativeOf(test.replace(/^seq_?/, ''));
    const result = confidenceSequence(effect, { alpha, nullValue, tuning, alternative });
    const { estimate, standardError, interval, rho, logE, p } = result;
    return { estimate, se: standardError, ci: interval, rho, log_e: logE, p };
  }
  const result = tTest(effect, { alpha, nullValue, alternative: alternativeOf(test) });
  const { estimate, standardError, interval, degreesOfFreedom, t, p } = result;
  return { estimate, se: standardError, ci: interval, dof: degreesOfFreedom, t, p };
}

function alternativeOf(name: string): Alternative {
  return name === 'greater' || name === 'lesser' ? name : 'two_sided';
}

function posteriorFields(effect: Effect, input: Judgement): Fields {
  const better = input.inverse === true ? 'lower' : 'higher';
  const result: Posterior = posteriorOf(effect, { alpha: input.alpha, prior: priorOf(input.prior), better });
  const { mean, standardDeviation, interval, chanceToWin, expectedLoss } = result;
  const risk = [expectedLoss.keepControl, expectedLoss.shipTreatment];
  return { estimate: mean, se: standardDeviation, ci: interval, chance_to_win: chanceToWin, risk };
}

function priorOf(prior: ReferencePrior | null | undefined): Prior {
  if (prior === null || prior === undefined || !prior.proper) return { kind: 'flat' };
  return { kind: 'normal', unit: prior.type, mean: prior.mean, variance: prior.variance };
}

/**
 * A refusal becomes the reference's error and its neutral output; where the reference itself crashes, a typed
 * refusal is all that is asked for. One convention is the reference's alone: it refuses a control mean of 0
 * for an absolute difference too, which ours computes.
 */
function judgeEdgeCase(input: ArmsInput & Judgement, { vector }: CaseContext): unknown {
  try {
    const effect = effectOfArms(input);
    if (effect.baseline === 0) return neutral(input.test, 'ZERO_NEGATIVE_BASELINE_VARIATION');
    return judgeEffect(effect, input);
  } catch (error) {
    if (!(error instanceof ImpossibleInput)) throw error;
    const crashes = vector.reference_crashes ?? (isRecord(vector.out) && vector.out.reference_crashes);
    return crashes ? vector.out : neutral(input.test, 'ZERO_NEGATIVE_VARIANCE');
  }
}

function neutral(test: string, error: string): Fields {
  const nothing = { estimate: 0, ci: [0, 0], se: 0, error };
  return test === 'bayes' ? { ...nothing, chance_to_win: 0.5, risk: [0, 0] } : { ...nothing, p: 1 };
}

function judgeMixture(input: MixtureInput): unknown {
  const { theta_hat: estimate, var: variance, tau, alpha } = input;
  const standardError = Math.sqrt(variance);
  const effect = { difference: 'absolute', estimate, standardError, n: 2, baseline: 1 } as const;
  const result = confidenceSequence(
    { ...effect, degreesOfFreedom: 1 },
    { alpha, alternative: 'two_sided', tuning: { effectSize: tau } },
  );
  return {
    log_lambda: result.logE,
    p: result.p,
    half_width: (result.interval[1] - result.interval[0]) / 2,
    howard_boundary: normalMixtureBoundary(input.v, input.rho, alpha),
    howard_rho_opt: tightestRho(input.t_opt, alpha),
  };
}

function judgeRates(input: RatesInput): Fields {
  const result = compareRates(
    { n: input.n_control, successes: input.x_control },
    { n: input.n_treatment, successes: input.x_treatment },
    { prior: { alpha: input.prior_alpha, beta: input.prior_beta }, alpha: 0.05 },
  );
  return {
    p_treatment_better: result.chanceToWin,
    expected_loss_if_keep_control: result.expectedLoss.keepControl,
    expected_loss_if_ship_treatment: result.expectedLoss.shipTreatment,
    ci_control: result.control.interval,
    ci_treatment: result.treatment.interval,
    mean_control: result.control.mean,
    mean_treatment: result.treatment.mean,
  };
}
