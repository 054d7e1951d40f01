// Published results on panels of markets: California's Proposition 99 by three methods, and GeoLift's walkthrough. The
// data are read where they lie; only the predictors and periods that the papers chose are written down here.
import { differenceInDifferences } from '../../domain/statistics/incrementality/difference-in-differences.ts';
import { predictorControl } from '../../domain/statistics/incrementality/predictor-synthetic-control.ts';
import { syntheticControl } from '../../domain/statistics/incrementality/synthetic-control.ts';
import { syntheticDifference } from '../../domain/statistics/incrementality/synthetic-difference-in-differences.ts';
import type { Deviation } from './compare.ts';
import { dataTable, type OutcomePanel, panelOf } from './data-table.ts';
import { deviationsOf, type PublishedTable, type TableCheck } from './published-table.ts';
import { isRecord } from './tolerance.ts';

export const panelTables: Readonly<Record<string, TableCheck>> = {
  'prop99-adh': tobaccoPredictors,
  'prop99-did-sc-sdid': tobaccoThreeWays,
  'geolift-walkthrough': walkthrough,
};

const STATE = 'California';
/** 1970 to 1988. */
const YEARS_BEFORE = 19;

/** Column and years whose mean is a predictor (Abadie, Diamond and Hainmueller 2010, table 1). */
const PREDICTORS = [
  ['lnincome', 1980, 1988],
  ['age15to24', 1980, 1988],
  ['retprice', 1980, 1988],
  ['beer', 1984, 1988],
  ['cigsale', 1975, 1975],
  ['cigsale', 1980, 1980],
  ['cigsale', 1988, 1988],
] as const;

function tobaccoPredictors({ published, reproduced }: PublishedTable, directory: string): Deviation[] | null {
  const rows = dataTable(directory, 'smoking_data.csv');
  if (rows === null) return null;
  const { units, treated, donors } = split(
    panelOf(rows, { unit: 'state', period: 'year', outcome: 'cigsale' }),
    [STATE],
  );
  const meanOf = (state: string, [column, from, to]: (typeof PREDICTORS)[number]) =>
    mean(
      rows
        .filter((row) => row.state === state && Number(row.year) >= from && Number(row.year) <= to)
        .filter((row) => row[column] !== '')
        .map((row) => Number(row[column])),
    );
  const predictors = PREDICTORS.map((predictor) => ({
    treated: meanOf(STATE, predictor),
    donors: units.map((state) => meanOf(state, predictor)),
  }));
  const outcomes = { treated: treated[0] ?? [], donors, prePeriods: YEARS_BEFORE };
  const { weights, meanSquaredGap, effect } = predictorControl({ ...outcomes, predictors });
  const statedWeights = isRecord(published) ? published : {};
  const computed = Object.fromEntries(units.map((state, index) => [state, weights[index] ?? 0]));
  const stated = isRecord(reproduced) ? reproduced : {};
  const limit = Number(stated.mspe_at_published);
  const detail = `computed ${meanSquaredGap}, at most ${limit}`;
  return [
    ...deviationsOf(pick(computed, Object.keys(statedWeights)), statedWeights, { abs: 0.01 }),
    { field: 'mspe', share: meanSquaredGap / limit, detail },
    ...deviationsOf({ att_1989_2000: effect }, stated, { abs: 0.01 }),
  ];
}

function tobaccoThreeWays({ reproduced }: PublishedTable, directory: string): Deviation[] | null {
  const rows = dataTable(directory, 'california_prop99.csv', ';');
  if (rows === null) return null;
  const panel = panelOf(rows, { unit: 'State', period: 'Year', outcome: 'PacksPerCapita' });
  const { units, treated, donors } = split(panel, [STATE]);
  const study = { y: panel.y, treatedUnits: [panel.units.indexOf(STATE)], firstPostPeriod: YEARS_BEFORE };
  const did = differenceInDifferences(study, 'fixed_effects', 0.05).effect;
  const synthetic = syntheticControl({ treated: treated[0] ?? [], donors, prePeriods: YEARS_BEFORE });
  const sdid = syntheticDifference(study).effect;
  const stated = isRecord(reproduced) ? reproduced : {};
  const statedWeights = isRecord(stated.sc_weights) ? stated.sc_weights : {};
  const computed = Object.fromEntries(units.map((state, index) => [state, synthetic.weights[index] ?? 0]));
  return [
    ...deviationsOf({ did }, stated, { abs: 1e-4 }),
    ...deviationsOf({ sc_outcome_only: synthetic.effect }, stated, { abs: 1e-3 }),
    ...deviationsOf({ sdid }, stated, { abs: 0.01 }),
    ...deviationsOf(pick(computed, Object.keys(statedWeights)), statedWeights, { abs: 1e-4 }),
  ];
}

function walkthrough(
  { inputs, published, reproduced }: PublishedTable,
  directory: string,
): Deviation[] | null {
  const rows = dataTable(directory, 'geolift_test.csv');
  if (rows === null) return null;
  const prePeriods = Number(inputs.pre_days);
  const names = Array.isArray(inputs.treated) ? inputs.treated.map(String) : [];
  const panel = panelOf(rows, { unit: 'location', period: 'date', outcome: 'Y' });
  const { units, treated, donors } = split(panel, names);
  // Fixed effects: every market is taken as its distance from its own mean before the start.
  const level = (row: readonly number[]) => mean(row.slice(0, prePeriods));
  const centred = (row: readonly number[]) => row.map((value) => value - level(row));
  const average = (treated[0] ?? []).map((_value, day) => mean(treated.map((row) => row[day] ?? 0)));
  const { weights, effect, objective } = syntheticControl({
    treated: centred(average),
    donors: donors.map(centred),
    prePeriods,
  });
  const after = average.slice(prePeriods);
  const uniform = centred(average)
    .slice(0, prePeriods)
    .map((value, day) => value - mean(donors.map((row) => centred(row)[day] ?? 0)));
  const figures = {
    att: effect,
    incremental: effect * after.length * treated.length,
    percent_lift: (100 * effect) / (mean(after) - effect),
  };
  const fit = { l2: Math.sqrt(objective), scaled_l2: Math.sqrt(objective) / Math.hypot(...uniform) };
  const stated = isRecord(published) && isRecord(published.weights) ? published.weights : {};
  const computed = Object.fromEntries(units.map((market, index) => [market, weights[index] ?? 0]));
  return [
    ...deviationsOf(figures, reproduced, { abs: 1e-3 }),
    ...deviationsOf(fit, reproduced, { rel: 1e-6, abs: 1e-6 }),
    ...deviationsOf(pick(computed, Object.keys(stated)), stated, { abs: 1e-4 }),
  ];
}

interface SplitPanel {
  /** Names of the donors, in the order of their rows. */
  readonly units: readonly string[];
  readonly treated: readonly (readonly number[])[];
  readonly donors: readonly (readonly number[])[];
}

function split({ units, y }: OutcomePanel, names: readonly string[]): SplitPanel {
  const isTreated = units.map((unit) => names.includes(unit));
  return {
    units: units.filter((_unit, index) => !isTreated[index]),
    treated: y.filter((_row, index) => isTreated[index]),
    donors: y.filter((_row, index) => !isTreated[index]),
  };
}

/** The named numbers; NaN, which passes nothing, for a name that is not there. */
function pick(values: Readonly<Record<string, number>>, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? Number.NaN]));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
