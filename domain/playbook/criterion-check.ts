// Whether a criterion can give a verdict in its stage: a rule that fits its metric and its role, and a sample and an
// age that the stage can reach. Errors are relative to the criterion.

import type { Criterion, Rule } from '../criterion.ts';
import { milliseconds } from '../duration.ts';
import { isPanelPlan } from '../incrementality/panel.ts';
import { METRICS, type Metric } from '../metric.ts';
import { compareDecimals, DECIMAL_PATTERN } from '../money.ts';
import type { StagePlan } from '../playbook.ts';
import { checkAmount, type Report } from './fault-report.ts';

const MOST_FAILURES = 20;
const ID_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

type Threshold = Extract<Rule, { kind: 'threshold' }>;

export function checkCriterion(
  criterion: Criterion,
  plan: StagePlan,
  currency: string,
  report: Report,
): void {
  const { id, rule, minimumSample, minimumAge, failures, minimumGrade } = criterion;
  if (!ID_PATTERN.test(id)) report('id', 'Must be a slug: lower-case letters, digits and inner hyphens.');
  if (!Number.isInteger(minimumSample) || minimumSample < 0) {
    report('minimumSample', 'Must be a whole number, 0 or more.');
  }
  if (!Number.isInteger(failures) || failures < 1 || failures > MOST_FAILURES) {
    report('failures', `Must be a whole number from 1 to ${MOST_FAILURES}.`);
  }
  if (milliseconds(minimumAge) > milliseconds(plan.maximumDuration)) {
    report('minimumAge', `Must not be longer than the stage may last, ${plan.maximumDuration}.`);
  }
  if (minimumGrade?.aboveSpend !== undefined) {
    checkAmount(minimumGrade.aboveSpend, currency, 'minimumGrade.aboveSpend', report);
  }
  if (rule.kind === 'threshold') checkThreshold(criterion, rule, report);
  else checkComparison(criterion, rule, plan, report);
}

/** Whether arms can be compared by the metric: a mean of units, or a share of them. */
export function isComparable(metric: Metric): boolean {
  const { shape, unit } = METRICS[metric];
  return shape.form === 'sample' || (shape.form === 'ratio' && unit === 'fraction');
}

function checkThreshold({ metric, role }: Criterion, rule: Threshold, report: Report): void {
  const { comparison, bound, hardBound, confidence } = rule;
  const isDecimal = DECIMAL_PATTERN.test(bound);
  if (!isDecimal) report('rule.bound', 'Must be a decimal.');
  const good = METRICS[metric].direction === 'higher' ? 'at_least' : 'at_most';
  if (role !== 'info' && METRICS[metric].direction !== 'none' && comparison !== good) {
    report('rule.comparison', `Must be ${good}: of ${metric}, ${METRICS[metric].direction} is better.`);
  }
  if (hardBound !== undefined) {
    if (role !== 'guardrail')
      report('rule.hardBound', 'Only a guardrail tells soft breaches from hard ones.');
    if (!DECIMAL_PATTERN.test(hardBound)) report('rule.hardBound', 'Must be a decimal.');
    else if (isDecimal && !isBeyond(hardBound, rule)) {
      const side = comparison === 'at_least' ? 'less' : 'more';
      report('rule.hardBound', `Must be ${side} than the bound, ${bound}.`);
    }
  }
  if (confidence === undefined) return;
  if (!(confidence >= 0.5 && confidence <= 0.999)) report('rule.confidence', 'Must be from 0.5 to 0.999.');
  if (!isComparable(metric)) {
    report('rule.confidence', `${metric} has no interval: only means and shares of units have one.`);
  }
}

function isBeyond(hardBound: string, { comparison, bound }: Threshold): boolean {
  const side = compareDecimals(hardBound, bound);
  return comparison === 'at_least' ? side < 0 : side > 0;
}

function checkComparison(
  { metric, role }: Criterion,
  rule: Exclude<Rule, Threshold>,
  plan: StagePlan,
  report: Report,
): void {
  const { experiment } = plan;
  if (experiment === null) report('rule.kind', `${rule.kind} needs an experiment in the stage.`);
  if (role === 'stop_loss') report('rule.kind', 'A stop-loss must be a threshold: it acts without a test.');
  if (experiment !== null && isPanelPlan(experiment)) {
    const { kind, primaryMetric } = experiment;
    if (metric !== primaryMetric) {
      report('metric', `A plan of the kind ${kind} is read by its primary metric alone, ${primaryMetric}.`);
    }
  } else if (!isComparable(metric) || METRICS[metric].direction === 'none') {
    report(
      'metric',
      `Arms cannot be compared by ${metric}: name a mean or a share of units that has a better side.`,
    );
  }
  if (rule.kind !== 'non_inferiority') return;
  const { margin } = rule;
  const fits =
    DECIMAL_PATTERN.test(margin) && compareDecimals(margin, '0') > 0 && compareDecimals(margin, '1') < 0;
  if (!fits) report('rule.margin', 'Must be a decimal between 0 and 1: a fraction of the value of control.');
}
