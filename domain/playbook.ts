// What a playbook states: for each stage its hypothesis, proof, criteria, gate, cadence, duration and envelope.
// Versioned and immutable once used. Validation of untrusted input starts in api/schemas; the rules that need the
// whole playbook are in playbook/check.ts.

import type { Criterion } from './criterion.ts';
import type { Duration } from './duration.ts';
import type { EvidenceGrade } from './evidence.ts';
import type { GatePolicy } from './gate.ts';
import type { Metric } from './metric.ts';
import type { DecimalText, Money } from './money.ts';
import type { GatedStage } from './stage.ts';

export interface Playbook {
  /** A slug, for example `cmo-cycle`. */
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly stages: Readonly<Record<GatedStage, StagePlan>>;
  /** Tags a retex must choose among; empty = free. */
  readonly retex: { readonly questions: readonly string[] };
}

export interface StagePlan {
  readonly hypothesis: string;
  readonly proof: string;
  /** What the gate decides, in the playbook's words: `go test`, `refine`, `go scale`, `roll-out`. */
  readonly decision: string;
  /** The systems where the evidence of this stage usually lives: for people, not for code. */
  readonly tools: readonly string[];
  /** Metrics without which the stage cannot conclude. */
  readonly requiredEvidence: readonly Metric[];
  readonly criteria: readonly Criterion[];
  readonly gate: GatePolicy;
  /** How often bound sources are pulled and the stage is read out. */
  readonly cadence: Duration;
  readonly minimumDuration: Duration;
  readonly maximumDuration: Duration;
  /** The most that this stage may spend; reaching it acts at once. */
  readonly envelope: Money;
  readonly onStopLoss: 'hold' | 'kill';
  readonly maximumRefinements: number;
  readonly maximumExtensions: number;
  readonly experiment: ExperimentPlan | null;
  readonly ramp: readonly RampStep[];
}

/** How arms are compared in the stage; sealed at launch. */
export interface ExperimentPlan {
  readonly kind: 'ab' | 'holdout' | 'geo' | 'prepost';
  readonly control: string;
  /** Every other arm, each compared with control. */
  readonly treatments: readonly string[];
  readonly unit: 'visitor' | 'customer' | 'market' | 'day';
  readonly primaryMetric: Metric;
  /** Smallest effect worth acting on, as a fraction of control (0.1 = 10 %). */
  readonly minimumEffect: DecimalText;
  readonly alpha: number;
  readonly power: number;
  /**
   * Units planned in all arms together: the horizon of a planned test. Of `geo`, market-days with treatment begun; of
   * `prepost`, the days of both sides.
   */
  readonly plannedUnits: number;
  /** Share of units per arm, summing to 1; the sample-ratio check compares with it. */
  readonly weights: Readonly<Record<string, number>>;
  /** `group_sequential` for a planned end, `confidence_sequence` for an open one, `fixed_horizon` for one look. */
  readonly method: 'group_sequential' | 'confidence_sequence' | 'fixed_horizon';
  readonly grade: EvidenceGrade;
  /**
   * Of `geo` and `prepost`: the days before the stage that the comparison rests on; twelve weeks when absent. The
   * treatments of `geo` are market names; control is another one or, when no market has its name, all others.
   */
  readonly preDays?: number;
  /**
   * Of `ab` and `holdout`: `cuped` takes out of a mean what the same units did before the test, where each of them has
   * a covariate. Absent: `none`. Said before there are data, as a choice made after them could be made for its result.
   */
  readonly adjustment?: 'cuped' | 'none';
}

/** A budget step of the scale stage. */
export interface RampStep {
  readonly budget: Money;
  /** Time that the step must hold with every guardrail passing before the next one. */
  readonly soak: Duration;
}
