// Reads a stage out: each criterion against the evidence, in one of its five states, with a sentence that names the
// metric, the number, the bound and the grade. Pure: evidence in, results out.

import type { Criterion, CriterionResult, CriterionState, Rule } from './criterion.ts';
import { milliseconds } from './duration.ts';
import { type EvidenceGrade, reachesGrade } from './evidence.ts';
import type { ExperimentReadOut } from './experiment.ts';
import {
  compare,
  compareDecimals,
  type DecimalText,
  fromNumber,
  type Money,
  roundedDecimal,
  toNumber,
} from './money.ts';
import { compareArms } from './read-out/comparison.ts';
import {
  beyondEveryBound,
  type FigureEvidence,
  figureFor,
  labelOf,
  type MetricFigure,
} from './read-out/figure.ts';

export interface StageEvidence extends FigureEvidence {
  /** The stage's experiment read out; null when the stage has none. */
  readonly experiment: ExperimentReadOut | null;
  /** Why the evidence could not be read at all (two currencies, contradictory sums); null when it could. */
  readonly error: string | null;
  /** Milliseconds that the stage's clock has run. */
  readonly elapsed: number;
  /** In this round of the stage. */
  readonly spend: Money;
  /** All stages and rounds together: what a required grade goes by. */
  readonly thesisSpend: Money;
}

/** One criterion read out. `brokenBefore` is how many read-outs in a row broke its rule before this one. */
export function readCriterion(
  criterion: Criterion,
  evidence: StageEvidence,
  brokenBefore: number,
): CriterionResult {
  const { id, metric, role, onFail } = criterion;
  const read = readRule(criterion, evidence);
  const brokenInARow = read.state === 'fail' ? brokenBefore + 1 : 0;
  // "Fails when broken at N read-outs in a row": until then a broken rule is not a verdict.
  const early = read.state === 'fail' && brokenInARow < criterion.failures;
  return {
    id,
    metric,
    role,
    onFail,
    state: early ? 'inconclusive' : read.state,
    breach: read.state === 'fail' && !early ? read.breach : null,
    brokenInARow,
    observed: read.observed,
    bound: read.bound,
    sample: read.sample,
    grade: read.grade,
    reason: early
      ? `${read.reason} Broken ${brokenInARow} of ${criterion.failures} times in a row.`
      : read.reason,
  };
}

type Read = Pick<CriterionResult, 'state' | 'breach' | 'observed' | 'bound' | 'sample' | 'grade' | 'reason'>;

function readRule(criterion: Criterion, evidence: StageEvidence): Read {
  if (evidence.error !== null) return without('error', criterion, evidence.error);
  if (criterion.rule.kind === 'threshold') return readThreshold(criterion, criterion.rule, evidence);
  return readComparison(criterion, criterion.rule, evidence);
}

function readThreshold(
  criterion: Criterion,
  rule: Extract<Rule, { kind: 'threshold' }>,
  evidence: StageEvidence,
): Read {
  const figure = figureFor(criterion.metric, evidence, rule.confidence);
  if (typeof figure === 'string') {
    return neverReached(criterion, rule.bound, evidence) ?? without('no_data', criterion, figure);
  }
  const { value, sample, grade } = figure;
  const sign = rule.comparison === 'at_least' ? '>=' : '<=';
  const shown = `${labelOf(criterion.metric)} is ${show(value)} (${sign} ${rule.bound} wanted, n = ${sample}, ${grade})`;
  const common = { observed: value, bound: rule.bound, sample, grade, breach: null };
  const early = tooEarly(criterion, evidence, sample, grade);
  if (early !== null) return { ...common, state: 'inconclusive', reason: `${shown}: ${early}.` };
  const state = thresholdState(figure, rule);
  const breach = state === 'fail' ? breachOf(value, rule) : null;
  return { ...common, state, breach, reason: `${shown}: ${state}.` };
}

/** A figure that no finite number could express fails: that is a verdict on known inputs, not missing data. */
function neverReached(criterion: Criterion, bound: DecimalText, evidence: StageEvidence): Read | null {
  const beyond = beyondEveryBound(criterion.metric, evidence);
  if (beyond === null) return null;
  const { sentence, sample, grade } = beyond;
  const common = { observed: null, bound, sample, grade };
  const shown = `${labelOf(criterion.metric)}: ${sentence} (n = ${sample}, ${grade})`;
  const early = tooEarly(criterion, evidence, sample, grade);
  if (early !== null)
    return { ...common, state: 'inconclusive', breach: null, reason: `${shown}: ${early}.` };
  return { ...common, state: 'fail', breach: 'hard', reason: `${shown}: fail.` };
}

function thresholdState(
  { value, interval }: MetricFigure,
  rule: Extract<Rule, { kind: 'threshold' }>,
): CriterionState {
  const wantsMore = rule.comparison === 'at_least';
  // A rule that asks for confidence gets no verdict from a figure without an interval.
  if (rule.confidence !== undefined && interval === null) return 'inconclusive';
  if (interval === null) {
    const side = compareDecimals(value, rule.bound);
    return (wantsMore ? side >= 0 : side <= 0) ? 'pass' : 'fail';
  }
  const bound = toNumber(rule.bound);
  if (wantsMore ? interval.lower >= bound : interval.upper <= bound) return 'pass';
  return (wantsMore ? interval.upper < bound : interval.lower > bound) ? 'fail' : 'inconclusive';
}

function breachOf(value: DecimalText, rule: Extract<Rule, { kind: 'threshold' }>): 'soft' | 'hard' {
  if (rule.hardBound === undefined) return 'hard';
  const side = compareDecimals(value, rule.hardBound);
  return (rule.comparison === 'at_least' ? side < 0 : side > 0) ? 'hard' : 'soft';
}

function readComparison(
  criterion: Criterion,
  rule: Exclude<Rule, { kind: 'threshold' }>,
  evidence: StageEvidence,
): Read {
  const { experiment } = evidence;
  if (experiment === null)
    return without('error', criterion, 'the stage has no experiment to compare arms in');
  const compared = compareArms(criterion.metric, rule, experiment);
  if (compared === null) return without('no_data', criterion, 'no arm has been observed yet');
  if (!experiment.health.healthy) return without('error', criterion, experiment.health.sentence.en);
  const { state, deciding } = compared;
  const common = {
    observed: deciding.estimate === null ? null : fromNumber(deciding.estimate),
    bound: rule.kind === 'versus_control' ? null : `-${rule.margin}`,
    sample: deciding.n,
    grade: experiment.grade,
  };
  const early = tooEarly(criterion, evidence, deciding.n, experiment.grade);
  if (early !== null) {
    const reason = `${deciding.sentence.en} No verdict yet: ${early}.`;
    return { ...common, state: 'inconclusive', breach: null, reason };
  }
  return { ...common, state, breach: state === 'fail' ? 'hard' : null, reason: deciding.sentence.en };
}

function tooEarly(
  criterion: Criterion,
  evidence: StageEvidence,
  sample: number,
  grade: EvidenceGrade,
): string | null {
  if (sample < criterion.minimumSample) return `below the minimum sample of ${criterion.minimumSample}`;
  if (evidence.elapsed < milliseconds(criterion.minimumAge)) return `younger than ${criterion.minimumAge}`;
  const required = criterion.minimumGrade;
  if (required === undefined || reachesGrade(grade, required.grade)) return null;
  const applies = required.aboveSpend === undefined || compare(evidence.thesisSpend, required.aboveSpend) > 0;
  return applies ? `${grade} evidence, where ${required.grade} is required` : null;
}

function without(state: 'no_data' | 'error', { metric, rule }: Criterion, why: string): Read {
  const bound = rule.kind === 'threshold' ? rule.bound : null;
  return {
    state,
    breach: null,
    observed: null,
    bound,
    sample: 0,
    grade: null,
    reason: `${labelOf(metric)}: ${why.replace(/\.$/, '')}.`,
  };
}

function show(value: DecimalText): string {
  return roundedDecimal(value, 4).replace(/\.?0+$/, '');
}
