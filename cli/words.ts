// How states, moments and amounts read to an operator. No decision is made here.

import type { CriterionState } from '../domain/criterion.ts';
import { type DecimalText, type Money, rounded, roundedDecimal } from '../domain/money.ts';

/** How the command line is called: what a hint names can be copied. */
export const RUN = 'npm run -s jalon --';

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const RELATIVE = new Intl.RelativeTimeFormat('en');

/** `2026-11-24 21:46 UTC (in 3 days)`. */
export function moment(at: string, now: string): string {
  return `${shortly(at)} UTC (${distance(at, now)})`;
}

export function shortly(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/** `in 3 days`, `2 hours ago`: whole units, rounded towards now. */
export function distance(at: string, now: string): string {
  const seconds = (Date.parse(at) - Date.parse(now)) / 1_000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.trunc(seconds / size), unit);
  }
  return 'now';
}

/** `awaiting_decision` reads `awaiting decision`. */
export function spoken(name: string): string {
  return name.replaceAll('_', ' ');
}

/** A quotient has more digits than anybody reads. */
export function shownFigure(value: DecimalText): string {
  return roundedDecimal(value, 4)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

export function shownMoney(value: Money): string {
  return `${rounded(value).amount} ${value.currency}`;
}

export function styleOfState(state: CriterionState | string): 'green' | 'red' | 'yellow' {
  if (state === 'pass' || state === 'fresh' || state === 'ok') return 'green';
  return state === 'fail' || state === 'error' || state === 'failing' ? 'red' : 'yellow';
}
