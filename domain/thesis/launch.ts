// From what a growth lead asks for to the contract that is sealed: the playbook with the thesis's own targets,
// margins and envelopes filled in. Refuses what the playbook does not frame, naming the path.

import type { Criterion } from '../criterion.ts';
import { fittedMethod } from '../economics/lifetime-fit.ts';
import type { EconomicsTerms } from '../economics/method.ts';
import type { BusinessInputs } from '../economics.ts';
import { checkStageExperiment } from '../incrementality/panel-plan-check.ts';
import { type Currency, type DecimalText, money } from '../money.ts';
import { checkCriterion } from '../playbook/criterion-check.ts';
import { under } from '../playbook/fault-report.ts';
import type { ExperimentPlan, Playbook, StagePlan } from '../playbook.ts';
import { type FieldError, type Refusal, refuse } from '../refusal.ts';
import { GATED_STAGES, type GatedStage } from '../stage.ts';
import type { Contract, SourceBinding } from '../thesis.ts';

type OwnExperiment = Pick<
  ExperimentPlan,
  'plannedUnits' | 'minimumEffect' | 'control' | 'treatments' | 'weights' | 'method' | 'adjustment'
>;

export type ExperimentTerms = { readonly [K in keyof OwnExperiment]?: OwnExperiment[K] | undefined };

/** What a thesis may set of its own in a stage; the rest is the playbook's. */
export interface StageTerms {
  /** Bound (or margin) by criterion id. */
  readonly targets?: Readonly<Record<string, DecimalText>> | undefined;
  readonly envelope?: DecimalText | undefined;
  readonly experiment?: ExperimentTerms | undefined;
}

export interface Launch {
  readonly title: string;
  readonly statement: string;
  readonly portfolio: string;
  readonly market: string;
  readonly channels: readonly string[];
  readonly tags: readonly string[];
  readonly currency: Currency;
  readonly sources: readonly SourceBinding[];
  readonly terms: Readonly<Partial<Record<GatedStage, StageTerms>>>;
  readonly businessCase: Readonly<Partial<Record<GatedStage, BusinessInputs>>>;
  /** A model that is fitted is so when the contract is made: the contract holds the value that it promises. */
  readonly economics: EconomicsTerms;
}

/** The contract in its `version`, or every field that the playbook does not allow. */
export function contractFrom(launch: Launch, playbook: Playbook, version: number): Contract | Refusal {
  const errors: FieldError[] = [];
  const { currency } = launch;
  const stages = { ...playbook.stages };
  for (const stage of GATED_STAGES) {
    const plan = playbook.stages[stage];
    if (plan.envelope.currency !== currency) {
      const message = `the playbook's ${stage} envelope is in ${plan.envelope.currency}`;
      errors.push({ path: 'currency', message });
    }
    const terms = launch.terms[stage];
    if (terms !== undefined) stages[stage] = withTerms(plan, terms, currency, `terms.${stage}`, errors);
  }
  errors.push(...duplicateSources(launch.sources));
  const economics = fittedMethod(launch.economics, (path, message) => {
    errors.push({ path: `economics.${path}`, message });
  });
  if (errors.length > 0 || economics === null) {
    return refuse('invalid_input', 'The playbook, or the economics, do not allow this.', errors);
  }
  const { terms: _terms, ...rest } = launch;
  return { ...rest, economics, version, playbook: { ...playbook, stages } };
}

function withTerms(
  plan: StagePlan,
  terms: StageTerms,
  currency: Currency,
  path: string,
  errors: FieldError[],
): StagePlan {
  const targets = terms.targets ?? {};
  for (const id of Object.keys(targets)) {
    if (!plan.criteria.some((criterion) => criterion.id === id)) {
      const known = plan.criteria.map((criterion) => criterion.id).join(', ');
      errors.push({ path: `${path}.targets.${id}`, message: `no such criterion; the stage has ${known}` });
    }
  }
  if (terms.experiment !== undefined && plan.experiment === null) {
    errors.push({ path: `${path}.experiment`, message: 'the playbook has no experiment in this stage' });
  }
  const filled: StagePlan = {
    ...plan,
    criteria: plan.criteria.map((criterion) => withTarget(criterion, targets[criterion.id], path, errors)),
    envelope: terms.envelope === undefined ? plan.envelope : money(terms.envelope, currency),
    experiment: plan.experiment === null ? null : withDefined(plan.experiment, terms.experiment ?? {}),
  };
  errors.push(...faultsOf(filled, Object.keys(targets), currency, path));
  return filled;
}

/** What the playbook allows one by one must still fit together: bounds with their rules, arms with their weights. */
function faultsOf(
  plan: StagePlan,
  targeted: readonly string[],
  currency: Currency,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const criterion of plan.criteria.filter(({ id }) => targeted.includes(id))) {
    const report = (_field: string, message: string) =>
      errors.push({ path: `${path}.targets.${criterion.id}`, message });
    checkCriterion(criterion, plan, currency, report);
  }
  if (plan.experiment !== null) {
    const report = (field: string, message: string) => errors.push({ path: `${path}.${field}`, message });
    checkStageExperiment(plan.experiment, under('experiment', report));
  }
  return errors;
}

function withTarget(
  criterion: Criterion,
  target: DecimalText | undefined,
  path: string,
  errors: FieldError[],
): Criterion {
  const { rule } = criterion;
  if (target === undefined) return criterion;
  if (rule.kind === 'threshold') return { ...criterion, rule: { ...rule, bound: target } };
  if (rule.kind === 'non_inferiority') return { ...criterion, rule: { ...rule, margin: target } };
  errors.push({
    path: `${path}.targets.${criterion.id}`,
    message: 'compares with control and has no bound to set',
  });
  return criterion;
}

function duplicateSources(sources: readonly SourceBinding[]): FieldError[] {
  const seen = new Set<string>();
  return sources.flatMap(({ id }, index) => {
    const repeated = seen.has(id);
    seen.add(id);
    return repeated ? [{ path: `sources[${index}].id`, message: `${id} is used twice` }] : [];
  });
}

/** `base` with the fields of `change` that are given. */
function withDefined<T extends object>(base: T, change: { [K in keyof T]?: T[K] | undefined }): T {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}
