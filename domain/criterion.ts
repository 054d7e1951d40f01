// What a criterion is and the five states it can be in. How one is evaluated lives in read-out.ts.

import type { Duration } from './duration.ts';
import type { EvidenceGrade } from './evidence.ts';
import type { Metric } from './metric.ts';
import type { DecimalText, Money } from './money.ts';

export const CRITERION_ROLES = ['success', 'guardrail', 'stop_loss', 'info'] as const;

export type CriterionRole = (typeof CRITERION_ROLES)[number];

/** Five different things that stay different to the end. */
export const CRITERION_STATES = ['pass', 'fail', 'inconclusive', 'no_data', 'error'] as const;

export type CriterionState = (typeof CRITERION_STATES)[number];

export type Rule =
  /**
   * The metric against a fixed bound. Between `bound` and `hardBound` a guardrail is breached softly, beyond
   * `hardBound` hard; without `hardBound` every breach is hard.
   */
  | {
      readonly kind: 'threshold';
      readonly comparison: 'at_least' | 'at_most';
      readonly bound: DecimalText;
      readonly hardBound?: DecimalText;
      /**
       * One-sided confidence (0.5 to 0.999) that the metric must reach the bound with, for proportions and samples:
       * the interval on the good side passes, on the bad side fails, across the bound is inconclusive. Absent: the
       * figure itself is compared.
       */
      readonly confidence?: number;
    }
  /** Each treatment arm against control: passes when the effect is shown, in the metric's good direction. */
  | { readonly kind: 'versus_control' }
  /** Not worse than control by more than the margin, one-sided; a fraction of the control's value. */
  | { readonly kind: 'non_inferiority'; readonly margin: DecimalText };

export interface Criterion {
  /** Unique in its stage, a slug: `ctr-floor`. */
  readonly id: string;
  readonly metric: Metric;
  readonly role: CriterionRole;
  readonly rule: Rule;
  /** Units (the ratio's denominator, the sample's n, or the count itself) below which there is no verdict. */
  readonly minimumSample: number;
  /** Time in the stage below which there is no verdict. */
  readonly minimumAge: Duration;
  /** Fails when the rule was broken at this many read-outs in a row (1 = at once). */
  readonly failures: number;
  /** What a failed success or guardrail criterion means for the thesis. */
  readonly onFail: 'refine' | 'kill';
  /** Evidence below this grade gives `inconclusive`, once the thesis has spent `aboveSpend` (absent: always). */
  readonly minimumGrade?: { readonly grade: EvidenceGrade; readonly aboveSpend?: Money };
}

/** One criterion read out: the number, the bound, and the words for both. */
export interface CriterionResult {
  readonly id: string;
  readonly metric: Metric;
  readonly role: CriterionRole;
  readonly state: CriterionState;
  readonly onFail: 'refine' | 'kill';
  /** For a failed guardrail: whether the breach holds the ramp (soft) or steps it back (hard). */
  readonly breach: 'soft' | 'hard' | null;
  /** Consecutive read-outs that broke the rule, this one included. */
  readonly brokenInARow: number;
  /** The figure read, in the metric's unit; null when there is none. */
  readonly observed: DecimalText | null;
  readonly bound: DecimalText | null;
  readonly sample: number;
  readonly grade: EvidenceGrade | null;
  /** A sentence that names the metric, the number, the bound and the grade. */
  readonly reason: string;
}
