// Reads a stage out: each criterion against the evidence, in one of its five states, with a sentence that names the
// metric, the number, the bound and the grade. Pure: evidence in, results out.

import type { Criterion, CriterionResult, CriterionState, Rule } from './criterion.ts';
import { milliseconds } from './duration.ts';
import { figureOf, isFigureMetric, type UnitEconomics } from './economics.ts';
import {
  cell,
  type EvidenceCell,
  type EvidenceGrade,
  type EvidenceTable,
  reachesGrade,
  weakestGrade,
} from './evidence.ts';
import type { ArmReading, ExperimentReadOut } from './experiment.ts';
import { decimalOf, NOT_COMPUTABLE } from './figure.ts';
import { METRICS, type Metric, type MetricForm, observedParts } from './metric.ts';
import {
  compare,
  compareDecimals,
  type DecimalText,
  fromNumber,
  type Money,
  quotient,
  roundedDecimal,
  toNumber,
} from './money.ts';
import { wilsonInterval } from './statistics/comparison/proportions.ts';
import { ImpossibleInput } from './statistics/impossible.ts';
import { tQuantile } from './statistics/numerics/special.ts';

export interface StageEvidence {
  readonly table: EvidenceTable;
  readonly economics: UnitEconomics;
  /** The stage's experiment read out; null when the stage has none. */
  readonly experiment: ExperimentReadOut | null;
  /** Why the evidence could not be read at all (two currencies, contradictory sums); null when it could. */
  readonly error: string | null;
  /** Milliseconds that the stage's clock has run. */
  readonly elapsed: number;
  readonly spend: Money;
}

/** What a figure is before its rule is applied. */
interface Figure {
  readonly value: DecimalText;
  readonly sample: number;
  readonly grade: EvidenceGrade;
  /** One-sided interval ends at the rule's confidence; null when the rule asks for none or none exists. */
  readonly interval: { readonly lower: number; readonly upper: number } | null;
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
    return neverReached(criterion, evidence) ?? without('no_data', criterion, figure);
  }
  const { value, sample, grade } = figure;
  const sign = rule.comparison === 'at_least' ? '>=' : '<=';
  const shown = `${label(criterion.metric)} is ${show(value)} (${sign} ${rule.bound} wanted, n = ${sample}, ${grade})`;
  const common = { observed: value, bound: rule.bound, sample, grade, breach: null };
  const early = tooEarly(criterion, evidence, sample, grade);
  if (early !== null) return { ...common, state: 'inconclusive', reason: `${shown}: ${early}.` };
  const state = thresholdState(figure, rule);
  const breach = state === 'fail' ? breachOf(value, rule) : null;
  return { ...common, state, breach, reason: `${shown}: ${state}.` };
}

/**
 * A figure that no finite number could express, such as a payback that never comes, breaks its bound: that is a
 * verdict on known inputs, not missing data. Null for every other figure.
 */
function neverReached(criterion: Criterion, evidence: StageEvidence): Read | null {
  const { metric, rule } = criterion;
  const figure = isFigureMetric(metric) ? figureOf(metric, evidence.economics) : null;
  if (figure === null || 'value' in figure || rule.kind !== 'threshold') return null;
  const { nature, sentence } = NOT_COMPUTABLE[figure.notComputable];
  if (nature !== 'never') return null;
  const sample = customersBehind(evidence);
  const grade = figure.grade ?? 'declared';
  const common = { observed: null, bound: rule.bound, sample, grade };
  const shown = `${label(metric)}: ${sentence} (n = ${sample}, ${grade})`;
  const early = tooEarly(criterion, evidence, sample, grade);
  if (early !== null)
    return { ...common, state: 'inconclusive', breach: null, reason: `${shown}: ${early}.` };
  return { ...common, state: 'fail', breach: 'hard', reason: `${shown}: fail.` };
}

function thresholdState(
  { value, interval }: Figure,
  rule: Extract<Rule, { kind: 'threshold' }>,
): CriterionState {
  const wantsMore = rule.comparison === 'at_least';
  if (rule.confidence === undefined || interval === null) {
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
  const readings = experiment.readings.filter(({ metric }) => metric === criterion.metric);
  const [best] = [...readings].sort((a, b) => (b.goodness ?? 0) - (a.goodness ?? 0));
  if (best === undefined) return without('no_data', criterion, 'no arm has been observed yet');
  if (!experiment.health.healthy) return without('error', criterion, experiment.health.sentence);
  const deciding = rule.kind === 'versus_control' ? best : worstOf(readings, best);
  const sample = deciding.n;
  const grade = experiment.grade;
  const common = {
    observed: deciding.estimate === null ? null : fromNumber(deciding.estimate),
    bound: rule.kind === 'versus_control' ? null : `-${rule.margin}`,
    sample,
    grade,
    breach: null,
  };
  const early = tooEarly(criterion, evidence, sample, grade);
  if (early !== null)
    return { ...common, state: 'inconclusive', reason: `${deciding.sentence.en} ${early}.` };
  const state = comparisonState(rule, readings, experiment.complete);
  return { ...common, state, breach: state === 'fail' ? 'hard' : null, reason: deciding.sentence.en };
}

function comparisonState(
  rule: Exclude<Rule, { kind: 'threshold' }>,
  readings: readonly ArmReading[],
  complete: boolean,
): CriterionState {
  if (readings.some(({ verdict }) => verdict === 'impossible')) return 'error';
  if (rule.kind === 'versus_control') {
    if (readings.some(({ verdict }) => verdict === 'better')) return 'pass';
    return complete || readings.every(({ verdict }) => verdict === 'worse') ? 'fail' : 'inconclusive';
  }
  if (readings.some(({ nonInferiority }) => nonInferiority === 'harm')) return 'fail';
  return readings.every(({ nonInferiority }) => nonInferiority === 'shown') ? 'pass' : 'inconclusive';
}

function worstOf(readings: readonly ArmReading[], otherwise: ArmReading): ArmReading {
  return readings.reduce(
    (worst, reading) => ((reading.goodness ?? 0) < (worst.goodness ?? 0) ? reading : worst),
    otherwise,
  );
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
  const applies = required.aboveSpend === undefined || compare(evidence.spend, required.aboveSpend) > 0;
  return applies ? `${grade} evidence, where ${required.grade} is required` : null;
}

/** The figure of a metric over all arms, or the words for why there is none. */
export function figureFor(metric: Metric, evidence: StageEvidence, confidence?: number): Figure | string {
  const shape: MetricForm = METRICS[metric].shape;
  if (shape.form === 'figure') return economicFigure(metric, evidence);
  const cells = observedParts(metric).map((part) => ({ part, found: cell(evidence.table, part) }));
  const missing = cells.find(({ found }) => found === null);
  if (missing !== undefined) return `no ${label(missing.part)} has been observed`;
  const [first, second] = cells.map(({ found }) => found).filter((found) => found !== null);
  if (first === undefined) return `nothing has been observed of ${label(metric)}`;
  if (shape.form === 'ratio')
    return second === undefined ? 'no denominator' : ratioFigure(metric, first, second, confidence);
  if (shape.form === 'sample') return sampleFigure(metric, first, confidence);
  const sample = shape.form === 'count' ? toNumber(first.sum) : first.observations;
  return { value: first.sum, sample, grade: first.grade, interval: null };
}

function ratioFigure(
  metric: Metric,
  top: EvidenceCell,
  bottom: EvidenceCell,
  confidence?: number,
): Figure | string {
  const value = quotient(top.sum, bottom.sum);
  if (value === null) return `the denominator of ${label(metric)} is zero`;
  const grade = weakestGrade([top.grade, bottom.grade]);
  const [successes, n] = [toNumber(top.sum), toNumber(bottom.sum)];
  const proportion = METRICS[metric].unit === 'fraction' && successes <= n;
  const interval = confidence === undefined || !proportion ? null : wilsonEnds(successes, n, confidence);
  return { value, sample: n, grade, interval };
}

function wilsonEnds(successes: number, n: number, confidence: number): Figure['interval'] {
  const [lower, upper] = wilsonInterval({ successes, trials: n }, 2 * (1 - confidence));
  return { lower, upper };
}

function sampleFigure(
  metric: Metric,
  { n, sum, sumSquares, grade }: EvidenceCell,
  confidence?: number,
): Figure | string {
  const value = n === null ? null : quotient(sum, n);
  if (n === null || value === null) return `${label(metric)} has no units`;
  const units = toNumber(n);
  const interval =
    confidence === undefined || sumSquares === null
      ? null
      : meanEnds(units, toNumber(sum), toNumber(sumSquares), confidence);
  return { value, sample: units, grade, interval };
}

/** One-sided Student interval ends of a mean from its sums; none for fewer than two units. */
function meanEnds(n: number, sum: number, sumSquares: number, confidence: number): Figure['interval'] {
  if (n < 2) return null;
  const mean = sum / n;
  const variance = Math.max(0, sumSquares - n * mean * mean) / (n - 1);
  const half = tQuantile(confidence, n - 1) * Math.sqrt(variance / n);
  return { lower: mean - half, upper: mean + half };
}

function economicFigure(metric: Metric, evidence: StageEvidence): Figure | string {
  if (!isFigureMetric(metric)) return `${label(metric)} is no figure`;
  const figure = figureOf(metric, evidence.economics);
  if ('notComputable' in figure) return `not computable. ${NOT_COMPUTABLE[figure.notComputable].sentence}`;
  const value = decimalOf(figure);
  if (value === null) return `${label(metric)} has no value`;
  return { value, sample: customersBehind(evidence), grade: figure.grade ?? 'declared', interval: null };
}

/** What an economic figure counts as its sample: the customers won, or the orders where none are told apart. */
function customersBehind({ table }: StageEvidence): number {
  const customers = cell(table, 'new_customers') ?? cell(table, 'orders');
  return customers === null ? 0 : toNumber(customers.sum);
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
    reason: `${label(metric)}: ${why.replace(/\.$/, '')}.`,
  };
}

/** The words for an impossible statistic; anything else is a fault of ours and is thrown on. */
export function explainImpossible(error: unknown): string {
  if (error instanceof ImpossibleInput) return `${error.code.replaceAll('_', ' ')}: ${error.message}`;
  throw error;
}

function label(metric: Metric): string {
  return METRICS[metric].label;
}

function show(value: DecimalText): string {
  return roundedDecimal(value, 4).replace(/\.?0+$/, '');
}
