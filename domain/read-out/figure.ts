// The figure of a metric over all that a stage has observed, with its sample, its grade and, where a rule asks for
// confidence, its interval. Applies no rule: read-out.ts does.

import { decimalOf, NOT_COMPUTABLE } from '../economics/figure.ts';
import { figureOf, isFigureMetric, type UnitEconomics } from '../economics.ts';
import {
  cell,
  type EvidenceCell,
  type EvidenceGrade,
  type EvidenceTable,
  weakestGrade,
} from '../evidence.ts';
import { METRICS, type Metric, type MetricForm, observedParts } from '../metric.ts';
import { type DecimalText, quotient, toNumber } from '../money.ts';
import { wilsonInterval } from '../statistics/comparison/proportions.ts';
import { tQuantile } from '../statistics/numerics/special.ts';

/** What figures are read from: the sums, and the unit economics made of them. */
export interface FigureEvidence {
  readonly table: EvidenceTable;
  readonly economics: UnitEconomics;
}

/** What a figure is before a rule is applied. */
export interface MetricFigure {
  readonly value: DecimalText;
  readonly sample: number;
  readonly grade: EvidenceGrade;
  /** One-sided interval ends at the confidence asked for; null when none is asked for or none exists. */
  readonly interval: { readonly lower: number; readonly upper: number } | null;
}

/** The figure of a metric over all arms, or the words for why there is none. */
export function figureFor(
  metric: Metric,
  evidence: FigureEvidence,
  confidence?: number,
): MetricFigure | string {
  const shape: MetricForm = METRICS[metric].shape;
  if (shape.form === 'figure') return economicFigure(metric, evidence);
  const cells = observedParts(metric).map((part) => ({ part, found: cell(evidence.table, part) }));
  const missing = cells.find(({ found }) => found === null);
  if (missing !== undefined) return `no ${labelOf(missing.part)} has been observed`;
  const [first, second] = cells.map(({ found }) => found).filter((found) => found !== null);
  if (first === undefined) return `nothing has been observed of ${labelOf(metric)}`;
  if (shape.form === 'ratio')
    return second === undefined ? 'no denominator' : ratioFigure(metric, first, second, confidence);
  if (shape.form === 'sample') return sampleFigure(metric, first, confidence);
  const sample = shape.form === 'count' ? toNumber(first.sum) : first.observations;
  return { value: first.sum, sample, grade: first.grade, interval: null };
}

/** Why no finite number could express the figure, so that every bound on it is broken; null for any other figure. */
export function beyondEveryBound(
  metric: Metric,
  evidence: FigureEvidence,
): (Omit<MetricFigure, 'value' | 'interval'> & { readonly sentence: string }) | null {
  const figure = isFigureMetric(metric) ? figureOf(metric, evidence.economics) : null;
  if (figure === null || 'value' in figure) return null;
  const { nature, sentence } = NOT_COMPUTABLE[figure.notComputable];
  if (nature !== 'never') return null;
  return { sentence, sample: customersBehind(evidence), grade: figure.grade ?? 'declared' };
}

export function labelOf(metric: Metric): string {
  return METRICS[metric].label;
}

function ratioFigure(
  metric: Metric,
  top: EvidenceCell,
  bottom: EvidenceCell,
  confidence?: number,
): MetricFigure | string {
  const value = quotient(top.sum, bottom.sum);
  if (value === null) return `the denominator of ${labelOf(metric)} is zero`;
  const grade = weakestGrade([top.grade, bottom.grade]);
  const [successes, n] = [toNumber(top.sum), toNumber(bottom.sum)];
  const isShare = METRICS[metric].unit === 'fraction' && successes >= 0 && successes <= n;
  const interval = confidence === undefined || !isShare ? null : wilsonEnds(successes, n, confidence);
  return { value, sample: n, grade, interval };
}

function wilsonEnds(successes: number, n: number, confidence: number): MetricFigure['interval'] {
  // As likely above as below: at even odds the interval is the share itself.
  if (confidence <= 0.5) return { lower: successes / n, upper: successes / n };
  const [lower, upper] = wilsonInterval({ successes, trials: n }, 2 * (1 - confidence));
  return { lower, upper };
}

function sampleFigure(
  metric: Metric,
  { n, sum, sumSquares, grade }: EvidenceCell,
  confidence?: number,
): MetricFigure | string {
  const value = n === null ? null : quotient(sum, n);
  if (n === null || value === null) return `${labelOf(metric)} has no units`;
  const units = toNumber(n);
  const interval =
    confidence === undefined || sumSquares === null
      ? null
      : meanEnds(units, toNumber(sum), toNumber(sumSquares), confidence);
  return { value, sample: units, grade, interval };
}

/** One-sided Student interval ends of a mean from its sums; none for fewer than two units. */
function meanEnds(n: number, sum: number, sumSquares: number, confidence: number): MetricFigure['interval'] {
  if (n < 2) return null;
  const mean = sum / n;
  const variance = Math.max(0, sumSquares - n * mean * mean) / (n - 1);
  const half = tQuantile(confidence, n - 1) * Math.sqrt(variance / n);
  return { lower: mean - half, upper: mean + half };
}

function economicFigure(metric: Metric, evidence: FigureEvidence): MetricFigure | string {
  if (!isFigureMetric(metric)) return `${labelOf(metric)} is no figure`;
  const figure = figureOf(metric, evidence.economics);
  if ('notComputable' in figure) return `not computable. ${NOT_COMPUTABLE[figure.notComputable].sentence}`;
  const value = decimalOf(figure);
  if (value === null) return `${labelOf(metric)} has no value`;
  return { value, sample: customersBehind(evidence), grade: figure.grade ?? 'declared', interval: null };
}

/** What an economic figure counts as its sample: the customers won, or the orders where none are told apart. */
function customersBehind({ table }: FigureEvidence): number {
  const customers = cell(table, 'new_customers') ?? cell(table, 'orders');
  return customers === null ? 0 : toNumber(customers.sum);
}
