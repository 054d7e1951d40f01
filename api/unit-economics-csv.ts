// Unit economics as spreadsheets read them: one row a group, or a stage and basis, one column a number. A cell is
// empty where there is no value; the reasons stand together in `not_computable`.

import type { ThesisEconomics } from '../db/thesis-economics.ts';
import type { GroupEconomics, Grouping } from '../db/unit-economics.ts';
import { decimalIn, decimalOf, FIGURE_NAMES } from '../domain/economics/figure.ts';
import { INPUT_METRICS, INPUT_NAMES } from '../domain/economics/observed-inputs.ts';
import type { Difference, UnitEconomics } from '../domain/economics.ts';
import { type Cell, csv } from './csv.ts';

const FIGURE_COLUMNS = FIGURE_NAMES.map((name) => (name === 'payback' ? 'payback_months' : snake(name)));

const COLUMNS = [
  ...INPUT_NAMES.map((name) => INPUT_METRICS[name]),
  ...FIGURE_COLUMNS,
  'ltv_method',
  'not_computable',
  'grade',
  'coverage',
  'period_from',
  'period_to',
  'definitions',
];

/** One row a group and currency. */
export function groupsAsCsv(groupBy: Grouping, groups: readonly GroupEconomics[]): string {
  const rows = groups.map(({ key, currency, theses, economics }) => [
    key,
    currency,
    theses,
    ...cells(economics),
  ]);
  return csv([groupBy, 'currency', 'theses', ...COLUMNS], rows);
}

/** For each stage a row of forecast, of what was observed and of their difference; all stages observed at the end. */
export function thesisAsCsv({ currency, stages, total }: ThesisEconomics): string {
  const rows = stages.flatMap(({ stage, forecast, observed, difference }) => [
    ...(forecast === null ? [] : [[stage, 'forecast', currency, ...cells(forecast)]]),
    [stage, 'observed', currency, ...cells(observed)],
    ...(forecast === null ? [] : [[stage, 'difference', currency, ...differenceCells(difference)]]),
  ]);
  const last = ['all', 'observed', currency, ...cells(total)];
  return csv(['stage', 'basis', 'currency', ...COLUMNS], [...rows, last]);
}

function cells({ stack, figures, method, grade, coverage }: UnitEconomics): Cell[] {
  const lines = INPUT_NAMES.map((name) => stack[name]);
  const reasons = FIGURE_NAMES.flatMap((name) => {
    const figure = figures[name];
    return 'notComputable' in figure ? [`${snake(name)}=${figure.notComputable}`] : [];
  });
  return [
    ...lines.map((line) => ('value' in line ? line.value : null)),
    ...FIGURE_NAMES.map((name) => decimalOf(figures[name])),
    method?.ltv ?? null,
    reasons.join(' '),
    grade,
    coverage?.share ?? null,
    coverage?.from ?? null,
    coverage?.to ?? null,
    FIGURE_NAMES.map((name) => figures[name].definition).join(' '),
  ];
}

function differenceCells(difference: Readonly<Record<'spend' | 'cac' | 'cm3', Difference>>): Cell[] {
  const named: Readonly<Record<string, Difference>> = difference;
  const reasons = Object.entries(difference).flatMap(([name, entry]) =>
    'notComputable' in entry ? [`${name}=${entry.notComputable}`] : [],
  );
  return COLUMNS.map((column) => {
    if (column === 'not_computable') return reasons.join(' ');
    if (column === 'definitions') return difference.spend.definition;
    const entry = named[column];
    return entry !== undefined && 'value' in entry ? decimalIn(entry.value) : null;
  });
}

/** `ltvToCac` reads `ltv_to_cac`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}
