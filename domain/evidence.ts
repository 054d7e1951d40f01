// Evidence as sums: what every source sends, whatever its format, and the ladder of how far a number may be
// trusted. Holds no number that cannot be summed again from observations.

import type { Instant } from './duration.ts';
import type { Metric } from './metric.ts';
import type { Currency, DecimalText } from './money.ts';

/** From weakest to strongest: a number rests on the weakest observation it was made from. */
export const EVIDENCE_GRADES = [
  'declared',
  'attributed',
  'pre_post',
  'quasi_experiment',
  'randomised',
] as const;

export type EvidenceGrade = (typeof EVIDENCE_GRADES)[number];

/** Whether `grade` reaches the `required` rung. */
export function reachesGrade(grade: EvidenceGrade, required: EvidenceGrade): boolean {
  return EVIDENCE_GRADES.indexOf(grade) >= EVIDENCE_GRADES.indexOf(required);
}

export function weakestGrade(grades: readonly EvidenceGrade[]): EvidenceGrade {
  const weakest = Math.min(...grades.map((grade) => EVIDENCE_GRADES.indexOf(grade)));
  return EVIDENCE_GRADES[weakest] ?? 'declared';
}

/** Whether a source may still restate the figure. */
export const FINALITIES = ['provisional', 'restating', 'final'] as const;

export type Finality = (typeof FINALITIES)[number];

/** Why a value is missing: never a zero in its place. */
export const MISSING_REASONS = ['privacy_threshold', 'not_collected', 'no_access', 'not_applicable'] as const;

export type MissingReason = (typeof MISSING_REASONS)[number];

/**
 * What the same units of a sample did of the same metric in the period before the experiment: their sum, their sum of
 * squares, and the sum over units of one value times the other.
 */
export interface ObservedCovariate {
  readonly sum: DecimalText;
  readonly sumSquares: DecimalText;
  readonly sumOfProducts: DecimalText;
}

/**
 * The value of an observation, in the one shape of sums. A count or an amount has `sum`; a sample has `n`, `sum`
 * and `sumSquares`; a level has `sum` (its value) and, when known, `n`.
 */
export interface ObservedSums {
  readonly n: DecimalText | null;
  readonly sum: DecimalText;
  readonly sumSquares: DecimalText | null;
  readonly currency: Currency | null;
  /** Of a sample, when its source knows the period before. */
  readonly covariate?: ObservedCovariate;
}

/** One aggregate figure about one period, as a source stated it. Never a person's data. */
export interface Observation {
  /** Unique within its source: the same key again is the same figure, restated if its value differs. */
  readonly rowKey: string;
  readonly metric: Metric;
  /** The period the figure is about: from (included) to (excluded). */
  readonly from: Instant;
  readonly to: Instant;
  /** An arm of the experiment (`control`, `treatment`, ...), or null for a figure about the whole thesis. */
  readonly arm: string | null;
  readonly channel: string | null;
  readonly market: string | null;
  readonly value: ObservedSums | { readonly missing: MissingReason };
  readonly grade: EvidenceGrade;
  readonly finality: Finality;
}

/** The sums of one metric for one arm (`''` = all, whatever the arm), over the periods read. */
export interface EvidenceCell {
  readonly metric: Metric;
  readonly arm: string;
  readonly n: DecimalText | null;
  readonly sum: DecimalText;
  readonly sumSquares: DecimalText | null;
  readonly currency: Currency | null;
  readonly grade: EvidenceGrade;
  /** Number of observations summed, and how many of the period were missing. */
  readonly observations: number;
  readonly missing: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** All that a stage knows, ready to be read out: plain sums by metric and arm. */
export interface EvidenceTable {
  readonly cells: readonly EvidenceCell[];
}

export const ALL_ARMS = '';

export function cell(table: EvidenceTable, metric: Metric, arm: string = ALL_ARMS): EvidenceCell | null {
  return table.cells.find((candidate) => candidate.metric === metric && candidate.arm === arm) ?? null;
}
