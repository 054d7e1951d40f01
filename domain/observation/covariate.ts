// The covariate of a sample: what the same units did of the same metric in the period before. Given whole or not at
// all; sums that no units could give are refused by field, and no value is repeated in a message.

import type { ObservedCovariate, ObservedSums } from '../evidence.ts';
import { METRICS, type Metric } from '../metric.ts';
import {
  compareDecimals,
  DECIMAL_PATTERN,
  type DecimalText,
  difference,
  sum as plain,
  product,
} from '../money.ts';
import type { Note } from './check.ts';
import { cannotBeNegative, contradicts, RANGES, SQUARES_PATTERN, SUMS_ROUNDING } from './sums.ts';

const PARTS = ['sum', 'sumSquares', 'sumOfProducts'] as const;

/** The covariate beside the metric's own sums (null when those are at fault), or null once its faults are noted. */
export function checkCovariate(
  metric: Metric,
  value: unknown,
  sums: ObservedSums | null,
  note: Note,
): ObservedCovariate | null {
  const covariate = readCovariate(metric, value, note);
  if (covariate === null || sums === null) return covariate;
  const { n, sum, sumSquares } = sums;
  const fault = n === null || sumSquares === null ? null : faultOf(metric, { n, sum, sumSquares }, covariate);
  return fault === null ? covariate : note(...fault);
}

function readCovariate(metric: Metric, value: unknown, note: Note): ObservedCovariate | null {
  const { form } = METRICS[metric].shape;
  if (form !== 'sample') return note('covariate', `Not a part of ${metric}, which is a ${form}.`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return note('covariate', `Must be an object with ${PARTS.join(', ')}.`);
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const unknown = [...fields.keys()].filter((name) => !PARTS.some((part) => part === name));
  for (const name of unknown) note(`covariate.${name}`, 'This field is not known.');
  const [sum, sumSquares, sumOfProducts] = PARTS.map((part) => readPart(part, fields.get(part), note));
  if (unknown.length > 0 || !sum || !sumSquares || !sumOfProducts) return null;
  return { sum, sumSquares, sumOfProducts };
}

interface Sample {
  readonly n: DecimalText;
  readonly sum: DecimalText;
  readonly sumSquares: DecimalText;
}

/** What no units could have, of themselves or together with the sums of the metric: the field, and why. */
function faultOf(metric: Metric, own: Sample, covariate: ObservedCovariate): [string, string] | null {
  const { n } = own;
  if (cannotBeNegative(metric) && compareDecimals(covariate.sum, '0') < 0) {
    return ['covariate.sum', `${metric} cannot be negative.`];
  }
  if (contradicts(n, covariate) || (n === '0' && covariate.sumSquares !== '0')) {
    return ['covariate.sumSquares', 'Contradicts n and covariate.sum.'];
  }
  const range = RANGES[metric];
  if (range !== undefined && isOutside(range, n, covariate)) {
    return ['covariate.sum', `Each unit of ${metric} is from ${range.least} to ${range.most}.`];
  }
  if (!isBeyondReach(own, covariate)) return null;
  const message = 'Contradicts the other sums: metric and covariate cannot vary together by so much.';
  return ['covariate.sumOfProducts', message];
}

function isOutside(
  { least, most }: { readonly least: DecimalText; readonly most: DecimalText },
  n: DecimalText,
  { sum, sumSquares }: ObservedCovariate,
): boolean {
  if (compareDecimals(sum, product(n, most)) > 0 || compareDecimals(sum, product(n, least)) < 0) return true;
  return compareDecimals(sumSquares, n) > 0;
}

function readPart(part: (typeof PARTS)[number], value: unknown, note: Note): DecimalText | null {
  const path = `covariate.${part}`;
  if (value === undefined || value === null) return note(path, 'Required: a covariate is given whole.');
  const text = typeof value === 'number' ? String(value) : value;
  const [pattern, before, after] = part === 'sum' ? [DECIMAL_PATTERN, 20, 10] : [SQUARES_PATTERN, 30, 20];
  if (typeof text === 'string' && pattern.test(text)) return plain([text]);
  return note(
    path,
    `Must be a decimal of at most ${before} digits and ${after} decimals, without an exponent.`,
  );
}

/** Cauchy and Schwarz on centred sums: (n Sxy - Sx Sy)^2 is at most (n Sxx - Sx^2)(n Syy - Sy^2), but for rounding. */
function isBeyondReach(own: Sample, covariate: ObservedCovariate): boolean {
  const { n } = own;
  const together = difference(product(n, covariate.sumOfProducts), product(own.sum, covariate.sum));
  // With no units, whose other sums are 0, the products must be 0 too.
  if (n === '0') return covariate.sumOfProducts !== '0';
  const limit = product(widest(own), widest({ ...covariate, n }));
  return compareDecimals(product(together, together), limit) > 0;
}

/** n Sxx - Sx^2 with what rounding may have taken from it, which leaves the limit room for rounded products too. */
function widest({ n, sum, sumSquares }: Sample): DecimalText {
  const squares = product(n, sumSquares);
  return difference(plain([squares, product(squares, SUMS_ROUNDING)]), product(sum, sum));
}
