// Arithmetic that remembers: a term is an exact decimal, or the first reason why there is none, with the observed
// metrics it came from. It lets a formula read as a formula and knows no formula itself.

import type { Metric } from '../metric.ts';
import { compareDecimals, type DecimalText, difference, product, quotient } from '../money.ts';
import type { NotComputable } from './figure.ts';

interface Origin {
  readonly inputs: readonly Metric[];
  /** Whether a declared parameter is part of it. */
  readonly declared: boolean;
}

type Result = { readonly value: DecimalText } | { readonly notComputable: NotComputable };

export type Term = Origin & Result;

/** The sum of an observed metric; without a value, `reason` says why. */
export function observed(metric: Metric, value: DecimalText | null, reason: NotComputable): Term {
  const origin = { inputs: [metric], declared: false };
  return value === null ? { ...origin, notComputable: reason } : { ...origin, value };
}

/** A parameter that somebody declared. */
export function declared(value: DecimalText): Term {
  return { inputs: [], declared: true, value };
}

/** What a declaration that cannot be used leaves. */
export function impossible(reason: NotComputable): Term {
  return { inputs: [], declared: true, notComputable: reason };
}

/** `first` less each of the others. */
export function less(first: Term, ...others: readonly Term[]): Term {
  return others.reduce((left, right) => combine(left, right, (a, b) => ({ value: difference(a, b) })), first);
}

export function multiplied(a: Term, b: Term): Term {
  return combine(a, b, (x, y) => ({ value: product(x, y) }));
}

/** The quotient. A divisor that is zero or negative gives no figure but the reason `otherwise`. */
export function divided(dividend: Term, divisor: Term, otherwise: NotComputable): Term {
  return combine(dividend, divisor, (a, b) => {
    const value = quotient(a, b);
    return value === null || compareDecimals(b, '0') < 0 ? { notComputable: otherwise } : { value };
  });
}

/** The term itself while it is more than zero; without a value and with the reason `otherwise` if it is not. */
export function positive(term: Term, otherwise: NotComputable): Term {
  if ('notComputable' in term || compareDecimals(term.value, '0') > 0) return term;
  return { inputs: term.inputs, declared: term.declared, notComputable: otherwise };
}

function combine(a: Term, b: Term, operation: (a: DecimalText, b: DecimalText) => Result): Term {
  const origin = {
    inputs: [...new Set([...a.inputs, ...b.inputs])],
    declared: a.declared || b.declared,
  };
  if ('notComputable' in a) return { ...origin, notComputable: a.notComputable };
  if ('notComputable' in b) return { ...origin, notComputable: b.notComputable };
  return { ...origin, ...operation(a.value, b.value) };
}
