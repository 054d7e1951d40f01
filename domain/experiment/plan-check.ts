// Whether an experiment plan describes a comparison that can be made: arms, weights and error rates that fit
// together. Errors are relative to the plan.

import { type EvidenceGrade, reachesGrade } from '../evidence.ts';
import { METRICS } from '../metric.ts';
import { compareDecimals, DECIMAL_PATTERN } from '../money.ts';
import { isComparable } from '../playbook/criterion-check.ts';
import type { Report } from '../playbook/fault-report.ts';
import type { ExperimentPlan } from '../playbook.ts';

const MOST_TREATMENTS = 10;

/** Weights are typed in by people: thirds written to six digits still sum to 1. */
const SUM_TOLERANCE = 1e-5;

/** The strongest grade that a kind of experiment can give, whatever its plan claims. */
export const GRADE_OF_KIND = {
  ab: 'randomised',
  holdout: 'randomised',
  geo: 'quasi_experiment',
  prepost: 'pre_post',
} as const satisfies Record<ExperimentPlan['kind'], EvidenceGrade>;

export function checkExperimentPlan(plan: ExperimentPlan, report: Report): void {
  checkArms(plan, report);
  checkWeights(plan, report);
  checkKind(plan, report);
  const { primaryMetric, minimumEffect, alpha, power, plannedUnits } = plan;
  if (!isComparable(primaryMetric) || METRICS[primaryMetric].direction === 'none') {
    report('primaryMetric', `Arms cannot be compared by ${primaryMetric}: name a mean or a share of units.`);
  }
  if (!DECIMAL_PATTERN.test(minimumEffect) || compareDecimals(minimumEffect, '0') <= 0) {
    report('minimumEffect', 'Must be a decimal more than 0: a fraction of the value of control.');
  }
  if (!(alpha > 0 && alpha <= 0.2)) report('alpha', 'Must be more than 0 and at most 0.2.');
  if (!(power >= 0.5 && power < 1)) report('power', 'Must be at least 0.5 and less than 1.');
  if (!Number.isSafeInteger(plannedUnits) || plannedUnits < 2) {
    report('plannedUnits', 'Must be a whole number, 2 or more.');
  }
}

function checkArms({ control, treatments }: ExperimentPlan, report: Report): void {
  if (control.trim() === '') report('control', 'Must name an arm.');
  if (treatments.length === 0) report('treatments', 'Name at least one arm beside control.');
  if (treatments.length > MOST_TREATMENTS)
    report('treatments', `At most ${MOST_TREATMENTS} arms beside control.`);
  treatments.forEach((arm, index) => {
    const path = `treatments[${index}]`;
    if (arm.trim() === '') report(path, 'Must name an arm.');
    if (arm === control) report(path, `${arm} is control.`);
    if (treatments.indexOf(arm) < index) report(path, `${arm} is named twice.`);
  });
}

/** What is not randomised unit by unit has neither sequential looks nor the grade of what is. */
function checkKind({ kind, method, grade, adjustment }: ExperimentPlan, report: Report): void {
  const strongest = GRADE_OF_KIND[kind];
  if (!reachesGrade(strongest, grade))
    report('grade', `A plan of the kind ${kind} gives ${strongest} at most.`);
  if ((kind === 'geo' || kind === 'prepost') && method !== 'fixed_horizon') {
    report('method', `Must be fixed_horizon: a plan of the kind ${kind} is read once, at its end.`);
  }
  if ((kind === 'geo' || kind === 'prepost') && adjustment === 'cuped') {
    report('adjustment', `Must be none: a plan of the kind ${kind} compares days, which have no covariate.`);
  }
}

function checkWeights({ control, treatments, weights }: ExperimentPlan, report: Report): void {
  const arms = [control, ...treatments];
  for (const [arm, weight] of Object.entries(weights)) {
    if (!arms.includes(arm)) report(`weights.${arm}`, 'Is no arm of the experiment.');
    if (!(weight > 0 && weight < 1)) report(`weights.${arm}`, 'Must be between 0 and 1.');
  }
  for (const arm of new Set(arms)) {
    if (!Object.hasOwn(weights, arm)) report('weights', `The arm ${arm} has no weight.`);
  }
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) > SUM_TOLERANCE) report('weights', `Must sum to 1, not to ${sum}.`);
}
