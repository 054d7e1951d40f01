// Adapters from the reference vectors of lifetime to the estimators; they hold no formula of their own.
import {
  type BgNbdParameters,
  bgNbdConditionalPurchases,
  bgNbdExpectedPurchases,
  bgNbdLogLikelihood,
  bgNbdProbabilityAlive,
  bgNbdPurchaseProbability,
  fitBgNbd,
} from '../../domain/statistics/lifetime/bg-nbd.ts';
import { knownCustomerValue } from '../../domain/statistics/lifetime/customer-value.ts';
import {
  fitGammaGamma,
  type GammaGammaParameters,
  gammaGammaConditionalMean,
  gammaGammaLogLikelihood,
  gammaGammaPopulationMean,
  type SpendCell,
} from '../../domain/statistics/lifetime/gamma-gamma.ts';
import {
  fitParetoNbd,
  type ParetoNbdParameters,
  paretoNbdConditionalPurchases,
  paretoNbdExpectedPurchases,
  paretoNbdLogLikelihood,
  paretoNbdProbabilityAlive,
} from '../../domain/statistics/lifetime/pareto-nbd.ts';
import type { PurchaseCell } from '../../domain/statistics/lifetime/purchase-history.ts';
import {
  fitSbg,
  sbgChurnProbabilities,
  sbgExpectedLifetime,
  sbgResidualLifetime,
  sbgRetention,
  sbgSurvival,
} from '../../domain/statistics/lifetime/shifted-beta-geometric.ts';
import type { AdapterTable, CaseContext, Judge } from './compare.ts';
import { dataTable } from './data-table.ts';
import { isRecord } from './tolerance.ts';

interface IndividualInput {
  readonly x: number;
  readonly t_x: number;
  readonly T: number;
  readonly horizon: number;
  readonly pmf_n: number;
  readonly bgnbd_params: BgNbdParameters;
  readonly pareto_nbd_params: ParetoNbdParameters;
  readonly gamma_gamma_params: GammaGammaParameters;
  readonly gamma_gamma_x: number;
  readonly mean_value: number;
  readonly monthly_discount: number;
}

type FitInput =
  | { readonly dataset: string }
  | {
      readonly dataset?: undefined;
      readonly x: readonly number[];
      readonly t_x: readonly number[];
      readonly T: readonly number[];
      readonly count: readonly number[];
      readonly spend_x: readonly number[];
      readonly spend_mean: readonly number[];
    };

interface ChurnInput {
  readonly alpha: number;
  readonly beta: number;
  readonly n_initial: number;
  readonly alive: readonly number[];
  readonly horizon: number;
  readonly discount: number;
  readonly renewals_n: number;
}

/** The parameters at which the fit cases also state a likelihood: the published ones of CDNOW. */
const CDNOW_BG_NBD = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const CDNOW_PARETO_NBD = { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };
const CDNOW_GAMMA_GAMMA = { p: 6.25, q: 3.74, v: 15.44 };

/** A likelihood passes when it is above the reference, or below it by no more than `slack`. */
function atLeast(slack: number): Judge {
  return (computed, reference) =>
    typeof computed === 'number' && typeof reference === 'number'
      ? Math.max(0, (reference - computed) / slack)
      : Number.POSITIVE_INFINITY;
}

const judgedByLikelihood = 'the file judges a fit by its likelihood; parameters of a flat one differ freely';

export const lifetimeAdapters: AdapterTable = {
  ltv_individual: { compute: individual },
  ltv_fit: {
    compute: fits,
    judges: Object.fromEntries(
      ['bgnbd', 'pareto_nbd', 'gamma_gamma'].flatMap((model) => [
        [`${model}.loglik`, atLeast(1e-3)],
        [`${model}.params`, cdnowParameters],
      ]),
    ),
  },
  sbg_churn: {
    compute: churn,
    judges: { 'mle.loglik': atLeast(1e-4) },
    ignored: { 'mle.alpha': judgedByLikelihood, 'mle.beta': judgedByLikelihood },
  },
};

function individual(input: IndividualInput) {
  const history = { repeats: input.x, recency: input.t_x, age: input.T };
  const spend = { orders: input.gamma_gamma_x, meanValue: input.mean_value };
  const { bgnbd_params: bg, pareto_nbd_params: pareto, gamma_gamma_params: gamma, horizon } = input;
  const models = { purchases: bg, spend: gamma, unitsPerMonth: 30 / 7 };
  const terms = { monthlyDiscount: input.monthly_discount, marginRate: 1, horizons: [12] };
  return {
    bgnbd: {
      loglik: bgNbdLogLikelihood(bg, history),
      p_alive: bgNbdProbabilityAlive(bg, history),
      expected_purchases: bgNbdExpectedPurchases(bg, horizon),
      conditional_expected: bgNbdConditionalPurchases(bg, history, horizon),
      pmf: bgNbdPurchaseProbability(bg, input.pmf_n, horizon),
    },
    pareto_nbd: {
      loglik: paretoNbdLogLikelihood(pareto, history),
      p_alive: paretoNbdProbabilityAlive(pareto, history),
      expected_purchases: paretoNbdExpectedPurchases(pareto, horizon),
      conditional_expected: paretoNbdConditionalPurchases(pareto, history, horizon),
    },
    gamma_gamma: {
      conditional_mean: gammaGammaConditionalMean(gamma, spend),
      population_mean: gammaGammaPopulationMean(gamma),
      loglik: gammaGammaLogLikelihood(gamma, spend),
    },
    clv_12m: knownCustomerValue(models, history, spend, terms)[0]?.value,
  };
}

function fits(input: FitInput, { directory }: CaseContext) {
  const [cells, spends] = input.dataset === undefined ? inlineTables(input) : cdnowTables(directory);
  const sum = <Cell extends { customers: number }>(rows: readonly Cell[], of: (cell: Cell) => number) =>
    rows.reduce((total, cell) => total + cell.customers * of(cell), 0);
  const { logLikelihood: bgLoglik, ...bg } = fitBgNbd(cells);
  const { logLikelihood: paretoLoglik, ...pareto } = fitParetoNbd(cells);
  const { logLikelihood: gammaLoglik, ...gamma } = fitGammaGamma(spends);
  return {
    bgnbd: {
      params: bg,
      loglik: bgLoglik,
      loglik_at_cdnow_params: sum(cells, (cell) => bgNbdLogLikelihood(CDNOW_BG_NBD, cell)),
    },
    pareto_nbd: {
      params: pareto,
      loglik: paretoLoglik,
      loglik_at_cdnow_params: sum(cells, (cell) => paretoNbdLogLikelihood(CDNOW_PARETO_NBD, cell)),
    },
    gamma_gamma: {
      params: gamma,
      loglik: gammaLoglik,
      loglik_at_cdnow_params: sum(spends, (cell) => gammaGammaLogLikelihood(CDNOW_GAMMA_GAMMA, cell)),
    },
  };
}

/** Parameters count on the CDNOW case alone, which states no likelihood at given parameters. */
function cdnowParameters(computed: unknown, reference: unknown, whole: { reference: unknown }): number {
  const bgnbd = isRecord(whole.reference) ? whole.reference.bgnbd : undefined;
  if (isRecord(bgnbd) && 'loglik_at_cdnow_params' in bgnbd) return 0;
  if (!isRecord(computed) || !isRecord(reference)) return Number.POSITIVE_INFINITY;
  const shares = Object.entries(reference).map(([name, value]) =>
    Math.abs(Number(computed[name]) / Number(value) - 1),
  );
  return Math.max(...shares) / 1e-3;
}

function inlineTables(input: Exclude<FitInput, { dataset: string }>): [PurchaseCell[], SpendCell[]] {
  const cells = input.x.map((repeats, row) => ({
    repeats,
    recency: input.t_x[row] ?? Number.NaN,
    age: input.T[row] ?? Number.NaN,
    customers: input.count[row] ?? Number.NaN,
  }));
  const spends = input.spend_x.map((orders, row) => ({
    orders,
    meanValue: input.spend_mean[row] ?? Number.NaN,
    customers: 1,
  }));
  return [cells, spends];
}

export function cdnowTables(directory: string): [PurchaseCell[], SpendCell[]] {
  const cells = requiredTable(directory, 'cdnow_summary.csv').map((row) => ({
    repeats: Number(row.frequency),
    recency: Number(row.recency),
    age: Number(row.T),
    customers: 1,
  }));
  const spends = requiredTable(directory, 'cdnow_summary_monetary.csv')
    .filter((row) => Number(row.frequency) > 0)
    .map((row) => ({ orders: Number(row.frequency), meanValue: Number(row.monetary_value), customers: 1 }));
  return [cells, spends];
}

function requiredTable(directory: string, name: string): Record<string, string>[] {
  const rows = dataTable(directory, name);
  if (rows === null) throw new Error(`data/${name} is missing`);
  return rows;
}

function churn(input: ChurnInput) {
  const parameters = { alpha: input.alpha, beta: input.beta };
  const { alpha, beta, logLikelihood } = fitSbg({ initial: input.n_initial, alive: input.alive });
  return {
    p_churn: sbgChurnProbabilities(parameters, input.alive.length),
    retention: sbgRetention(parameters, input.horizon),
    survivor: sbgSurvival(parameters, input.horizon),
    expected_lifetime_discounted: sbgExpectedLifetime(parameters, input.discount),
    residual_lifetime_discounted: sbgResidualLifetime(parameters, input.renewals_n, input.discount),
    mle: { alpha, beta, loglik: logLikelihood },
  };
}
