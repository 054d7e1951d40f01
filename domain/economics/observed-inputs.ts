// The eight sums that unit economics are made of, as observations gave them: which metric each one sums, how far it
// may be trusted and how much of it was there. Computes no figure.

import type { Instant } from '../duration.ts';
import type { BusinessInputs } from '../economics.ts';
import { cell, type EvidenceGrade, type EvidenceTable, weakestGrade } from '../evidence.ts';
import type { Metric } from '../metric.ts';
import { type Currency, type DecimalText, quotient } from '../money.ts';
import { type Coverage, type NotComputable, tenDecimals } from './figure.ts';
import { observed, type Term } from './term.ts';

export type InputName = keyof BusinessInputs;

/** The metric that each input sums, in the order of the cost stack. */
export const INPUT_METRICS = {
  spend: 'spend',
  newCustomers: 'new_customers',
  orders: 'orders',
  revenue: 'revenue',
  productCost: 'product_cost',
  fulfilmentCost: 'fulfilment_cost',
  paymentFees: 'payment_fees',
  serviceCost: 'service_cost',
} as const satisfies Record<InputName, Metric>;

export const INPUT_NAMES = Object.keys(INPUT_METRICS) as InputName[];

/** The observations of one input, summed. */
export interface ObservedLine {
  readonly sum: DecimalText;
  readonly grade: EvidenceGrade;
  /** Observations with a value, and those that their source declared missing. */
  readonly present: number;
  readonly missing: number;
  readonly from: Instant;
  readonly to: Instant;
  /** Why the sum must not be used although there is one. */
  readonly unusable: Extract<NotComputable, 'other_currency' | 'incomplete_group'> | null;
}

/** What was observed; an input that no observation speaks of is absent. */
export type ObservedInputs = Readonly<Partial<Record<InputName, ObservedLine>>>;

/** The inputs in a stage's evidence, whatever the arm. An amount in another currency than `currency` is unusable. */
export function inputsFrom(table: EvidenceTable, currency: Currency): ObservedInputs {
  const lines: Partial<Record<InputName, ObservedLine>> = {};
  for (const name of INPUT_NAMES) {
    const found = cell(table, INPUT_METRICS[name]);
    if (found === null) continue;
    const { sum, grade, observations, missing, from, to } = found;
    const foreign = found.currency !== null && found.currency !== currency;
    lines[name] = {
      sum,
      grade,
      present: observations,
      missing,
      from,
      to,
      unusable: foreign ? 'other_currency' : null,
    };
  }
  return lines;
}

/** An input as a term: without a value when nothing was observed, or when its sum must not be used. */
export function inputTerm(name: InputName, lines: ObservedInputs): Term {
  const line = lines[name];
  const known = line !== undefined && line.present > 0 && line.unusable === null;
  return observed(INPUT_METRICS[name], known ? line.sum : null, line?.unusable ?? missingReason(name));
}

export function missingReason(name: InputName): NotComputable {
  return `missing_${INPUT_METRICS[name]}`;
}

/** The weakest grade among the inputs that were observed; null when none was. */
export function gradeOf(lines: ObservedInputs, metrics: readonly Metric[]): EvidenceGrade | null {
  const grades = needed(lines, metrics).flatMap((line) => (line.present > 0 ? [line.grade] : []));
  return grades.length === 0 ? null : weakestGrade(grades);
}

/** How much of the inputs was there. */
export function coverageOf(lines: ObservedInputs, metrics: readonly Metric[]): Coverage {
  const found = needed(lines, metrics);
  const present = total(found.map((line) => line.present));
  const expected = present + total(found.map((line) => line.missing));
  const share = quotient(String(present), String(expected));
  const absent = INPUT_NAMES.filter((name) => lines[name] === undefined).map((name) => INPUT_METRICS[name]);
  return {
    present,
    expected,
    share: share === null ? null : tenDecimals(share),
    absent: absent.filter((metric) => metrics.includes(metric)),
    from: found.map((line) => line.from).sort()[0] ?? null,
    to:
      found
        .map((line) => line.to)
        .sort()
        .at(-1) ?? null,
  };
}

function needed(lines: ObservedInputs, metrics: readonly Metric[]): ObservedLine[] {
  const names = INPUT_NAMES.filter((name) => metrics.includes(INPUT_METRICS[name]));
  return names.flatMap((name) => lines[name] ?? []);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
