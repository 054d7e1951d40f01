// Difference-in-differences on a balanced panel with one common start: treated and control units, before and
// after. It estimates; whether the trends were parallel before is `pre-trend.ts`.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { tQuantile, tSf } from '../numerics/special.ts';

/** y[unit][period]: every unit observed in every period. */
export interface Panel {
  readonly y: readonly (readonly number[])[];
  /** Indices of the treated units. */
  readonly treatedUnits: readonly number[];
  /** Index of the first period after the start. */
  readonly firstPostPeriod: number;
}

/** `pooled`: group and period dummies (2x2). `fixed_effects`: a dummy for each unit and each period. */
export type PanelModel = 'pooled' | 'fixed_effects';

export interface DifferenceInDifferences {
  /** Mean effect on the treated after the start, in the unit of y. */
  readonly effect: number;
  readonly standardErrors: {
    /** Independent errors of one variance. */
    readonly ols: number;
    /** Heteroskedasticity only (HC0-HC3): too small when a unit's periods hang together. */
    readonly hc0: number;
    readonly hc1: number;
    readonly hc2: number;
    readonly hc3: number;
    /** Clustered by unit, without (CR0) and with the small-sample factor (CR1). */
    readonly cr0: number;
    readonly cr1: number;
  };
  /** Two-sided p and interval from CR1 with t on units - 1 degrees of freedom. */
  readonly p: number;
  readonly lower: number;
  readonly upper: number;
  readonly parameters: number;
}

/**
 * Effect by ordinary least squares. In a balanced panel the interaction, cleaned of the other columns, is
 * (D_i - mean D)(P_t - mean P) whichever dummies there are (Frisch, Waugh and Lovell), so that every standard
 * error is a sum over it. CR1 = CR0 * G/(G-1) * (n-1)/(n-k) with k counting all dummies. Throws `too_few`
 * without a unit or period on either side and `zero_variance` when the model fits exactly.
 */
export function differenceInDifferences(
  panel: Panel,
  model: PanelModel,
  alpha: number,
): DifferenceInDifferences {
  requireBetween('alpha', alpha, 0, 1);
  const shape = panelShape(panel);
  const n = shape.units * shape.periods;
  const parameters = model === 'pooled' ? 4 : shape.units + shape.periods;
  if (n <= parameters) throw new ImpossibleInput('too_few', `${n} observations, ${parameters} parameters`);
  const regressor = interaction(panel, shape);
  const effect = regressor.effect;
  const fitted = model === 'pooled' ? pooledFit(panel, shape) : fixedEffectsFit(panel, shape, regressor);
  const sums = residualSums(panel, shape, model, regressor, fitted);
  const error = (meat: number) => Math.sqrt(meat) / regressor.squares;
  const degrees = shape.units - 1;
  const cr1 = error(sums.clustered * (shape.units / degrees) * ((n - 1) / (n - parameters)));
  if (cr1 === 0) throw new ImpossibleInput('zero_variance', 'the units do not differ within their groups');
  const half = -tQuantile(alpha / 2, degrees) * cr1;
  return {
    effect,
    standardErrors: {
      ols: Math.sqrt(sums.squares / (n - parameters) / regressor.squares),
      hc0: error(sums.hc0),
      hc1: error((sums.hc0 * n) / (n - parameters)),
      hc2: error(sums.hc2),
      hc3: error(sums.hc3),
      cr0: error(sums.clustered),
      cr1,
    },
    p: 2 * tSf(Math.abs(effect) / cr1, degrees),
    lower: effect - half,
    upper: effect + half,
    parameters,
  };
}

export interface PanelShape {
  readonly units: number;
  readonly periods: number;
  /** By unit. */
  readonly treated: readonly boolean[];
}

/** Size of a panel, after refusing one that is ragged, not finite, or has nobody on one side. */
export function panelShape({ y, treatedUnits, firstPostPeriod }: Panel): PanelShape {
  const units = y.length;
  const periods = y[0]?.length ?? 0;
  const treatedSet = new Set(treatedUnits);
  for (const row of y) {
    if (row.length !== periods) throw new ImpossibleInput('contradictory_sums', 'the panel is not balanced');
    for (const value of row) requireFinite('y', value);
  }
  for (const unit of treatedSet) {
    if (!Number.isInteger(unit) || unit < 0 || unit >= units) {
      throw new ImpossibleInput('out_of_range', `treated unit ${unit} of ${units}`);
    }
  }
  if (treatedSet.size === 0 || treatedSet.size === units) {
    throw new ImpossibleInput('too_few', `${treatedSet.size} of ${units} units are treated`);
  }
  if (!Number.isInteger(firstPostPeriod) || firstPostPeriod < 1 || firstPostPeriod >= periods) {
    throw new ImpossibleInput('too_few', `first period after the start is ${firstPostPeriod} of ${periods}`);
  }
  return { units, periods, treated: y.map((_row, unit) => treatedSet.has(unit)) };
}

/** The interaction column, cleaned of all dummies, and the coefficient on it. */
interface Interaction {
  readonly valueAt: (unit: number, period: number) => number;
  /** Sum of its squares. */
  readonly squares: number;
  readonly effect: number;
}

type Fit = (unit: number, period: number) => number;

function interaction(panel: Panel, { units, periods, treated }: PanelShape): Interaction {
  const treatedShare = treated.filter(Boolean).length / units;
  const postShare = (periods - panel.firstPostPeriod) / periods;
  const valueAt = (unit: number, period: number) =>
    ((treated[unit] ? 1 : 0) - treatedShare) * ((period >= panel.firstPostPeriod ? 1 : 0) - postShare);
  const squares = units * periods * treatedShare * (1 - treatedShare) * postShare * (1 - postShare);
  let product = 0;
  eachCell(panel, (y, unit, period) => {
    product += valueAt(unit, period) * y;
  });
  return { valueAt, squares, effect: product / squares };
}

/** Fit of the pooled model: the mean of each of the four cells. */
function pooledFit(panel: Panel, { treated }: PanelShape): Fit {
  const sums = [0, 0, 0, 0];
  const counts = [0, 0, 0, 0];
  const cell = (unit: number, period: number) =>
    (treated[unit] ? 2 : 0) + (period >= panel.firstPostPeriod ? 1 : 0);
  eachCell(panel, (y, unit, period) => {
    const index = cell(unit, period);
    sums[index] = (sums[index] ?? 0) + y;
    counts[index] = (counts[index] ?? 0) + 1;
  });
  const means = sums.map((sum, index) => sum / (counts[index] ?? 1));
  return (unit, period) => means[cell(unit, period)] ?? 0;
}

/** Fit of the two-way model: unit mean + period mean - grand mean + effect * interaction. */
function fixedEffectsFit(
  panel: Panel,
  { units, periods }: PanelShape,
  { valueAt, effect }: Interaction,
): Fit {
  const unitMeans = new Float64Array(units);
  const periodMeans = new Float64Array(periods);
  let grandMean = 0;
  eachCell(panel, (y, unit, period) => {
    unitMeans[unit] = (unitMeans[unit] as number) + y / periods;
    periodMeans[period] = (periodMeans[period] as number) + y / units;
    grandMean += y / (units * periods);
  });
  return (unit, period) =>
    (unitMeans[unit] as number) +
    (periodMeans[period] as number) -
    grandMean +
    effect * valueAt(unit, period);
}

interface ResidualSums {
  squares: number;
  /** Sums of squared scores: as they are, and divided by (1 - leverage) and its square. */
  hc0: number;
  hc2: number;
  hc3: number;
  /** Sum over units of their squared total score. */
  clustered: number;
}

function residualSums(
  panel: Panel,
  { units, periods, treated }: PanelShape,
  model: PanelModel,
  regressor: Interaction,
  fitted: Fit,
): ResidualSums {
  const sums: ResidualSums = { squares: 0, hc0: 0, hc2: 0, hc3: 0, clustered: 0 };
  const treatedCount = treated.filter(Boolean).length;
  const leverage = (unit: number, period: number): number => {
    if (model === 'fixed_effects') {
      const own = regressor.valueAt(unit, period) ** 2 / regressor.squares;
      return 1 / periods + 1 / units - 1 / (units * periods) + own;
    }
    const peers = treated[unit] ? treatedCount : units - treatedCount;
    const span = period >= panel.firstPostPeriod ? periods - panel.firstPostPeriod : panel.firstPostPeriod;
    return 1 / (peers * span);
  };
  const unitScores = new Float64Array(units);
  let size = 0;
  eachCell(panel, (y, unit, period) => {
    const residual = y - fitted(unit, period);
    const score = regressor.valueAt(unit, period) * residual;
    // A cell that the model fits whatever its value is: its residual is 0 by construction, not by chance.
    const free = Math.max(1 - leverage(unit, period), 1e-12);
    sums.squares += residual ** 2;
    sums.hc0 += score ** 2;
    sums.hc2 += score ** 2 / free;
    sums.hc3 += score ** 2 / free ** 2;
    unitScores[unit] = (unitScores[unit] as number) + score;
    size += y * y;
  });
  if (sums.squares <= 1e-26 * size) throw new ImpossibleInput('zero_variance', 'the model fits exactly');
  for (const score of unitScores) sums.clustered += score ** 2;
  return sums;
}

function eachCell(panel: Panel, visit: (y: number, unit: number, period: number) => void): void {
  for (const [unit, row] of panel.y.entries()) {
    for (const [period, y] of row.entries()) visit(y, unit, period);
  }
}
