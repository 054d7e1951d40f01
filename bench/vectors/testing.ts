// Adapters from the reference vectors of tests beside the read-out of a lift (counts, allocation, several
// questions, margins) to the estimators; they hold no formula of their own.
import { type Difference, effectOf } from '../../domain/statistics/comparison/effect.ts';
import { meanMoments } from '../../domain/statistics/comparison/moments.ts';
import { adjustPValues, multiplicityMethods } from '../../domain/statistics/comparison/multiplicity.ts';
import { testEquivalence, testNonInferiority } from '../../domain/statistics/comparison/non-inferiority.ts';
import {
  clopperPearsonInterval,
  newcombeInterval,
  pooledZTest,
  riskRatioInterval,
  unpooledZTest,
  wilsonInterval,
} from '../../domain/statistics/comparison/proportions.ts';
import { chiSquareSrm, srmEvidence } from '../../domain/statistics/comparison/srm.ts';
import type { AdapterTable } from './compare.ts';

interface ProportionInput {
  readonly x_control: number;
  readonly n_control: number;
  readonly x_treatment: number;
  readonly n_treatment: number;
  readonly alpha: number;
}

function proportions({ x_control, n_control, x_treatment, n_treatment, alpha }: ProportionInput): unknown {
  const control = { successes: x_control, trials: n_control };
  const treatment = { successes: x_treatment, trials: n_treatment };
  return {
    z_pooled: pooledZTest(control, treatment),
    z_unpooled: unpooledZTest(control, treatment, alpha),
    newcombe_ci: newcombeInterval(control, treatment, alpha),
    risk_ratio_log_ci: riskRatioInterval(control, treatment, alpha),
    wilson_a: wilsonInterval(control, alpha),
    clopper_pearson_a: clopperPearsonInterval(control, alpha),
  };
}

interface SrmInput {
  readonly users: readonly number[];
  readonly weights: readonly number[];
  readonly dirichlet_c: number;
}

function sampleRatio({ users, weights, dirichlet_c }: SrmInput): unknown {
  const fixed = chiSquareSrm(users, weights);
  const sequential = srmEvidence(users, weights, dirichlet_c);
  return {
    chi2: fixed.chiSquare,
    df: fixed.degreesOfFreedom,
    p: fixed.p,
    log10_p: fixed.log10P,
    log_e: sequential.logEvidence,
    p_sequential: sequential.p,
  };
}

interface MarginInput {
  readonly n_control: number;
  readonly sum_control: number;
  readonly sum_squares_control: number;
  readonly n_treatment: number;
  readonly sum_treatment: number;
  readonly sum_squares_treatment: number;
  readonly difference: Difference;
  readonly margin: number;
  readonly higher_is_better: boolean;
  readonly alpha: number;
}

function againstMargin(input: MarginInput): unknown {
  const control = meanMoments({
    n: input.n_control,
    sum: input.sum_control,
    sumSquares: input.sum_squares_control,
  });
  const treatment = meanMoments({
    n: input.n_treatment,
    sum: input.sum_treatment,
    sumSquares: input.sum_squares_treatment,
  });
  const effect = effectOf(control, treatment, input.difference);
  const test = { ...effect, margin: input.margin, alpha: input.alpha };
  const { t, p, bound, nonInferior } = testNonInferiority(test, input.higher_is_better);
  return {
    estimate: effect.estimate,
    se: effect.standardError,
    dof: effect.degreesOfFreedom,
    t,
    p_noninferior: p,
    bound,
    noninferior: nonInferior,
    p_tost: testEquivalence(test).p,
  };
}

export const testingAdapters: AdapterTable = {
  proportion_classic: { compute: proportions },
  srm: { compute: sampleRatio },
  multiple_comparisons: {
    compute: ({ p, alpha }: { readonly p: readonly number[]; readonly alpha: number }) =>
      Object.fromEntries(multiplicityMethods.map((method) => [method, adjustPValues(method, p, alpha)])),
  },
  non_inferiority: { compute: againstMargin },
};
