// Money: an exact decimal and its ISO 4217 currency. The only place that adds, compares and rounds amounts; two
// currencies never meet here, and no amount passes through a float.

import { Decimal } from 'decimal.js';

const Exact = Decimal.clone({
  precision: 60,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -60,
  toExpPos: 60,
});

/** An exact decimal as text: digits, an optional sign and an optional fraction, never an exponent. */
export type DecimalText = string;

/** ISO 4217 code in capitals. */
export type Currency = string;

export interface Money {
  readonly amount: DecimalText;
  readonly currency: Currency;
}

/** Up to 20 digits before the point and 10 after: what `numeric(30,10)` keeps without loss. */
export const DECIMAL_PATTERN = /^-?\d{1,20}(\.\d{1,10})?$/;

export const CURRENCY_PATTERN = /^[A-Z]{3}$/;

export function money(amount: DecimalText, currency: Currency): Money {
  return { amount: plain(new Exact(amount)), currency };
}

export function zero(currency: Currency): Money {
  return { amount: '0', currency };
}

/** The sum. Throws a RangeError for two currencies: callers convert first, at a dated rate. */
export function add(a: Money, b: Money): Money {
  return { amount: sum([a.amount, b.amount]), currency: same(a, b) };
}

/** -1, 0 or 1, as `a` is less than, equal to or more than `b`, in one currency. */
export function compare(a: Money, b: Money): number {
  same(a, b);
  return compareDecimals(a.amount, b.amount);
}

export function times(a: Money, factor: DecimalText): Money {
  return { amount: product(a.amount, factor), currency: a.currency };
}

/** The amount rounded half-even to the currency's usual two decimals, for people to read. */
export function rounded(a: Money, decimals = 2): Money {
  return { amount: new Exact(a.amount).toFixed(decimals), currency: a.currency };
}

export function sum(values: readonly DecimalText[]): DecimalText {
  return plain(values.reduce((total, value) => total.plus(value), new Exact(0)));
}

export function difference(a: DecimalText, b: DecimalText): DecimalText {
  return plain(new Exact(a).minus(b));
}

export function product(a: DecimalText, b: DecimalText): DecimalText {
  return plain(new Exact(a).times(b));
}

/** The quotient to 20 decimals, half-even; null when the divisor is zero. */
export function quotient(a: DecimalText, b: DecimalText): DecimalText | null {
  const divisor = new Exact(b);
  if (divisor.isZero()) return null;
  return plain(new Exact(a).dividedBy(divisor).toDecimalPlaces(20));
}

export function compareDecimals(a: DecimalText, b: DecimalText): number {
  return new Exact(a).comparedTo(b);
}

export function roundedDecimal(a: DecimalText, decimals: number): DecimalText {
  return new Exact(a).toFixed(decimals);
}

/** The nearest double, for statistics only: never for an amount that is stored or added. */
export function toNumber(a: DecimalText): number {
  return new Exact(a).toNumber();
}

/** A finite double as exact decimal text, to 10 decimals: for figures that statistics hand back to finance. */
export function fromNumber(value: number): DecimalText {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  return plain(new Exact(value).toDecimalPlaces(10));
}

function plain(value: Decimal): DecimalText {
  return value.isZero() ? '0' : value.toFixed();
}

function same(a: Money, b: Money): Currency {
  if (a.currency !== b.currency) throw new RangeError(`two currencies: ${a.currency} and ${b.currency}`);
  return a.currency;
}
