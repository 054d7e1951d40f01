// How the checks of a playbook report: fault by fault, each by its path. Also checks what several of them hold: an
// amount in the playbook's currency.

import { type Currency, compareDecimals, DECIMAL_PATTERN, type Money } from '../money.ts';

/** Takes one fault: its path, relative to what is checked, and what is wrong. */
export type Report = (path: string, message: string) => void;

/** Reports what is found in a part under the part's own path. */
export function under(path: string, report: Report): Report {
  return (inner, message) => report(`${path}.${inner}`, message);
}

/** Reports an amount that is no decimal, too low, or in another currency. True when the amount is a decimal. */
export function checkAmount(
  { amount, currency }: Money,
  expected: Currency,
  path: string,
  report: Report,
  least: 'more than nothing' | 'nothing or more' = 'more than nothing',
): boolean {
  if (!DECIMAL_PATTERN.test(amount)) {
    report(`${path}.amount`, 'Must be a decimal.');
    return false;
  }
  const side = compareDecimals(amount, '0');
  if (side < 0 || (side === 0 && least === 'more than nothing'))
    report(`${path}.amount`, `Must be ${least}.`);
  if (currency !== expected) report(`${path}.currency`, `Must be ${expected}: a playbook has one currency.`);
  return true;
}
