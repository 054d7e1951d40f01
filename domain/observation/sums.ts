// The sums of one observation: which of them each form of metric needs, and which no data set could give. Reads no
// other field, and never repeats a value in a message.

import type { ObservedSums } from '../evidence.ts';
import { isMonetary, METRICS, type Metric, type MetricForm } from '../metric.ts';
import {
  CURRENCY_PATTERN,
  type Currency,
  compareDecimals,
  DECIMAL_PATTERN,
  type DecimalText,
  difference,
  sum as plain,
  product,
} from '../money.ts';
import type { Note } from './check.ts';

type Fields = ReadonlyMap<string, unknown>;
type SumName = 'n' | 'sum' | 'sumSquares';

/** What a value is made of, by the form of its metric; ratios and figures are never observed. */
const NEEDED: Record<MetricForm['form'], Partial<Record<SumName, 'required' | 'optional'>>> = {
  count: { sum: 'required' },
  money: { sum: 'required' },
  sample: { n: 'required', sum: 'required', sumSquares: 'required' },
  level: { sum: 'required', n: 'optional' },
  ratio: {},
  figure: {},
};

/** The range of each unit's value where the metric has one. */
export const RANGES: Partial<Record<Metric, { readonly least: DecimalText; readonly most: DecimalText }>> = {
  nps: { least: '-1', most: '1' },
  sentiment: { least: '-1', most: '1' },
  brand_preference: { least: '0', most: '1' },
};

/** Sums of floating-point numbers may contradict each other by rounding alone, up to this share. */
export const SUMS_ROUNDING = '0.000000001';

/** What `numeric(50,20)` keeps without loss: squares have twice the digits. */
export const SQUARES_PATTERN = /^-?\d{1,30}(\.\d{1,20})?$/;

/** The sums of the row, or null once what is wrong has been noted. */
export function checkSums(
  metric: Metric,
  fields: Fields,
  thesisCurrency: Currency,
  note: Note,
): ObservedSums | null {
  let sound = true;
  const flag: Note = (path, message) => {
    sound = false;
    return note(path, message);
  };
  const [n, sum, sumSquares] = (['n', 'sum', 'sumSquares'] as const).map((name) =>
    readSum(metric, name, fields.get(name) ?? null, flag),
  );
  const currency = readCurrency(metric, fields.get('currency') ?? null, thesisCurrency, flag);
  if (!sound || sum == null) return null;
  const sums = { n: n ?? null, sum, sumSquares: sumSquares ?? null, currency };
  checkSigns(metric, sums, flag);
  if (sound && METRICS[metric].shape.form === 'sample') checkSample(metric, sums, flag);
  return sound ? sums : null;
}

function readSum(metric: Metric, name: SumName, value: unknown, note: Note): DecimalText | null {
  const { form } = METRICS[metric].shape;
  const need = NEEDED[form][name];
  if (value === null) {
    return need === 'required' ? note(name, `Required for ${metric}, which is a ${form}.`) : null;
  }
  if (need === undefined) return note(name, `Not a part of ${metric}, which is a ${form}.`);
  const text = typeof value === 'number' ? String(value) : value;
  const squares = name === 'sumSquares';
  if (typeof text === 'string' && (squares ? SQUARES_PATTERN : DECIMAL_PATTERN).test(text))
    return plain([text]);
  const [before, after] = squares ? [30, 20] : [20, 10];
  return note(
    name,
    `Must be a decimal of at most ${before} digits and ${after} decimals, without an exponent.`,
  );
}

function readCurrency(metric: Metric, value: unknown, thesisCurrency: Currency, note: Note): Currency | null {
  if (!isMonetary(metric)) {
    return value === null ? null : note('currency', `${metric} is not an amount of money.`);
  }
  if (typeof value !== 'string' || !CURRENCY_PATTERN.test(value)) {
    return note('currency', `Required for ${metric}: an ISO 4217 code in capitals.`);
  }
  if (value === thesisCurrency) return value;
  return note('currency', `The thesis is kept in ${thesisCurrency}: convert the amount at its date first.`);
}

/** Events, people and durations are never fewer than none; amounts may be (refunds), and so may measured effects. */
function checkSigns(metric: Metric, { n, sum, sumSquares }: ObservedSums, note: Note): void {
  if (cannotBeNegative(metric) && isNegative(sum)) note('sum', `${metric} cannot be negative.`);
  if (n !== null && (isNegative(n) || n.includes('.')))
    note('n', 'Must be a whole number of units, 0 or more.');
  if (sumSquares !== null && isNegative(sumSquares)) note('sumSquares', 'Squares cannot sum to less than 0.');
}

/** Of the metric itself and of its covariate. */
export function cannotBeNegative(metric: Metric): boolean {
  const { shape, unit } = METRICS[metric];
  return shape.form === 'count' || ['people', 'seconds', 'days', 'grams'].some((name) => name === unit);
}

/** Cauchy and Schwarz: n times the sum of squares is at least the square of the sum; with n = 0, both are 0. */
export function contradicts(
  n: DecimalText,
  { sum, sumSquares }: { readonly sum: DecimalText; readonly sumSquares: DecimalText },
): boolean {
  const square = product(sum, sum);
  const least = difference(square, product(square, SUMS_ROUNDING));
  return compareDecimals(product(n, sumSquares), least) < 0;
}

function checkSample(metric: Metric, { n, sum, sumSquares }: ObservedSums, note: Note): void {
  if (n === null || sumSquares === null) return;
  if (contradicts(n, { sum, sumSquares })) {
    note('sumSquares', 'Contradicts n and sum: it is at least sum * sum / n.');
  } else if (n === '0' && sumSquares !== '0') note('sumSquares', 'Of no units it is 0.');
  const range = RANGES[metric];
  if (range === undefined) return;
  const { least, most } = range;
  if (compareDecimals(sum, product(n, most)) > 0 || compareDecimals(sum, product(n, least)) < 0) {
    note('sum', `Each unit of ${metric} is from ${least} to ${most}: the sum is beyond n such units.`);
  } else if (compareDecimals(sumSquares, n) > 0) {
    note('sumSquares', `Each unit of ${metric} is from ${least} to ${most}: its squares sum to at most n.`);
  }
}

function isNegative(value: DecimalText): boolean {
  return compareDecimals(value, '0') < 0;
}
