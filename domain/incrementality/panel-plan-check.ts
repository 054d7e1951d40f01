// Whether the experiment of a stage can be read: what every plan needs, and what a comparison of markets or of days
// needs beside it. Errors are relative to the plan.

import { checkExperimentPlan } from '../experiment/plan-check.ts';
import type { Report } from '../playbook/fault-report.ts';
import type { ExperimentPlan } from '../playbook.ts';
import { isPanelMetric, isPanelPlan } from './panel.ts';

const FEWEST_PRE_DAYS = 28;
const MOST_PRE_DAYS = 364;

/** Every fault of a stage's plan, whatever its kind. */
export function checkStageExperiment(plan: ExperimentPlan, report: Report): void {
  if (!isPanelPlan(plan)) {
    checkExperimentPlan(plan, report);
    if (plan.preDays !== undefined) {
      report('preDays', `A plan of the kind ${plan.kind} compares arms and needs no days before it.`);
    }
    return;
  }
  checkExperimentPlan(plan, (path, message) => {
    // Arms are compared by means and shares of units; markets and days are compared by what adds up.
    if (path !== 'primaryMetric') report(path, message);
  });
  const { kind, treatments, primaryMetric, preDays } = plan;
  if (!isPanelMetric(primaryMetric)) {
    const whole = kind === 'geo' ? 'Markets' : 'Days';
    report(
      'primaryMetric',
      `${whole} are compared by totals: name a count or an amount that has a better side.`,
    );
  }
  if (kind === 'prepost' && treatments.length > 1) {
    report('treatments', 'Before and after are one treatment: name one arm beside control.');
  }
  if (preDays === undefined) return;
  if (!Number.isSafeInteger(preDays) || preDays < FEWEST_PRE_DAYS || preDays > MOST_PRE_DAYS) {
    report('preDays', `Must be a whole number of days from ${FEWEST_PRE_DAYS} to ${MOST_PRE_DAYS}.`);
  }
}
