// Whether a playbook can be run: the rules that need more than one field, each error naming its path. What a single
// field may hold is checked here too, because a playbook may come from code as well as from the API.

import { milliseconds } from '../duration.ts';
import { checkGatePolicy } from '../gate/policy-check.ts';
import { checkStageExperiment } from '../incrementality/panel-plan-check.ts';
import { isObserved } from '../metric.ts';
import { compareDecimals, DECIMAL_PATTERN } from '../money.ts';
import type { Playbook, StagePlan } from '../playbook.ts';
import type { FieldError } from '../refusal.ts';
import { GATED_STAGES, type GatedStage } from '../stage.ts';
import { checkCriterion } from './criterion-check.ts';
import { checkAmount, type Report, under } from './fault-report.ts';

const MOST_CRITERIA = 50;
const MOST_STEPS = 20;
const MOST_ROUNDS = 10;
const MOST_QUESTIONS = 20;

/** Every reason why the playbook cannot be run, by path (`stages.scale.ramp[1].budget`); empty when it can. */
export function checkPlaybook(playbook: Omit<Playbook, 'version'>): FieldError[] {
  const errors: FieldError[] = [];
  const { currency } = playbook.stages.detect.envelope;
  for (const stage of GATED_STAGES) {
    checkStage(playbook.stages[stage], stage, currency, (path, message) => {
      errors.push({ path: `stages.${stage}.${path}`, message });
    });
  }
  if (playbook.retex.questions.length > MOST_QUESTIONS) {
    errors.push({ path: 'retex.questions', message: `At most ${MOST_QUESTIONS} questions.` });
  }
  return errors;
}

function checkStage(plan: StagePlan, stage: GatedStage, currency: string, report: Report): void {
  checkDurations(plan, report);
  checkAmount(plan.envelope, currency, 'envelope', report, 'nothing or more');
  checkRounds(plan, report);
  plan.requiredEvidence.forEach((metric, index, all) => {
    const path = `requiredEvidence[${index}]`;
    if (!isObserved(metric)) report(path, `${metric} is computed: name the observed metrics behind it.`);
    if (all.indexOf(metric) < index) report(path, `${metric} is named twice.`);
  });
  checkCriteria(plan, currency, report);
  checkGatePolicy(plan.gate, currency, under('gate', report));
  if (plan.experiment !== null) checkStageExperiment(plan.experiment, under('experiment', report));
  checkRamp(plan, stage, currency, report);
}

function checkDurations({ cadence, minimumDuration, maximumDuration }: StagePlan, report: Report): void {
  const maximum = milliseconds(maximumDuration);
  if (maximum === 0) report('maximumDuration', 'Must be longer than nothing.');
  if (milliseconds(minimumDuration) > maximum) {
    report('minimumDuration', `Must not be longer than the maximum duration, ${maximumDuration}.`);
  }
  if (milliseconds(cadence) === 0) report('cadence', 'Must be longer than nothing.');
  if (milliseconds(cadence) > maximum) {
    report('cadence', `Must not be longer than the maximum duration, ${maximumDuration}.`);
  }
}

function checkRounds({ maximumRefinements, maximumExtensions }: StagePlan, report: Report): void {
  const fits = (rounds: number) => Number.isInteger(rounds) && rounds >= 0 && rounds <= MOST_ROUNDS;
  const message = `Must be a whole number from 0 to ${MOST_ROUNDS}.`;
  if (!fits(maximumRefinements)) report('maximumRefinements', message);
  if (!fits(maximumExtensions)) report('maximumExtensions', message);
}

function checkCriteria(plan: StagePlan, currency: string, report: Report): void {
  const { criteria } = plan;
  if (criteria.length > MOST_CRITERIA) report('criteria', `At most ${MOST_CRITERIA} criteria in a stage.`);
  if (!criteria.some(({ role }) => role === 'success')) {
    report('criteria', 'At least one criterion must have the role success: nothing else can be proven.');
  }
  const ids = criteria.map(({ id }) => id);
  criteria.forEach((criterion, index) => {
    const path = `criteria[${index}]`;
    if (ids.indexOf(criterion.id) < index) report(`${path}.id`, `${criterion.id} is used twice.`);
    checkCriterion(criterion, plan, currency, under(path, report));
  });
}

function checkRamp(
  { ramp, envelope, maximumDuration }: StagePlan,
  stage: GatedStage,
  currency: string,
  report: Report,
): void {
  if (stage !== 'scale') {
    if (ramp.length > 0) report('ramp', 'Only the scale stage has a ramp.');
    return;
  }
  if (ramp.length === 0)
    report('ramp', 'Needs at least one step: a roll-out is reached through the last one.');
  if (ramp.length > MOST_STEPS) report('ramp', `At most ${MOST_STEPS} steps.`);
  ramp.forEach(({ budget, soak }, index) => {
    const path = `ramp[${index}]`;
    if (milliseconds(soak) === 0) report(`${path}.soak`, 'Must be longer than nothing.');
    if (!checkAmount(budget, currency, `${path}.budget`, report)) return;
    const before = ramp[index - 1]?.budget.amount;
    if (before !== undefined && DECIMAL_PATTERN.test(before) && compareDecimals(budget.amount, before) <= 0) {
      report(`${path}.budget.amount`, 'Must be more than the step before.');
    }
  });
  const soaking = ramp.reduce((total, { soak }) => total + milliseconds(soak), 0);
  if (soaking > milliseconds(maximumDuration)) {
    report('ramp', `The steps soak longer than the stage may last, ${maximumDuration}.`);
  }
  const last = ramp.at(-1)?.budget.amount;
  if (last === undefined || !DECIMAL_PATTERN.test(last) || !DECIMAL_PATTERN.test(envelope.amount)) return;
  if (compareDecimals(last, envelope.amount) > 0) {
    report(
      `ramp[${ramp.length - 1}].budget.amount`,
      `Must not be more than the envelope, ${envelope.amount}.`,
    );
  }
}
