// Playbooks: the built-in one can be run, and each way of breaking one is named by its path.
import { describe, expect, test } from 'vitest';
import type { Criterion } from '../../../domain/criterion.ts';
import type { GatePolicy } from '../../../domain/gate.ts';
import { money } from '../../../domain/money.ts';
import { checkPlaybook } from '../../../domain/playbook/check.ts';
import { CMO_CYCLE } from '../../../domain/playbook/cmo-cycle.ts';
import type { ExperimentPlan, Playbook, StagePlan } from '../../../domain/playbook.ts';
import type { GatedStage } from '../../../domain/stage.ts';

const { detect, prototype, measure, scale } = CMO_CYCLE.stages;

const withStage = (stage: GatedStage, change: Partial<StagePlan>): Playbook => ({
  ...CMO_CYCLE,
  stages: { ...CMO_CYCLE.stages, [stage]: { ...CMO_CYCLE.stages[stage], ...change } },
});

const withGate = (change: Partial<GatePolicy>): Playbook =>
  withStage('detect', { gate: { ...detect.gate, ...change } });

/** The prototype stage with its first criterion, on the click-through rate, changed. */
const withCriterion = (change: Partial<Criterion>): Playbook => {
  const [first, ...rest] = prototype.criteria;
  if (first === undefined) throw new Error('the built-in playbook has criteria');
  return withStage('prototype', { criteria: [{ ...first, ...change }, ...rest] });
};

const withExperiment = (change: Partial<ExperimentPlan>): Playbook => {
  if (measure.experiment === null) throw new Error('the built-in playbook has an experiment');
  return withStage('measure', { experiment: { ...measure.experiment, ...change } });
};

const pathsOf = (playbook: Playbook) => checkPlaybook(playbook).map(({ path }) => path);

test('the built-in playbook has no fault', () => {
  expect(checkPlaybook(CMO_CYCLE)).toEqual([]);
});

test("the built-in playbook carries the method's table", () => {
  const rows = [detect, prototype, measure, scale].map(({ hypothesis, proof, decision, tools }) => [
    hypothesis,
    proof,
    decision,
    tools.join(', '),
  ]);
  expect(rows).toEqual([
    ['Latent demand', 'Interviews, social listening', 'Go test', 'Sprinklr'],
    ['Paid interest', 'CTR, CVR', 'Refine', 'Meta, LinkedIn'],
    ['Perceived value', 'NPS, willingness to pay', 'Go scale', 'Salesforce'],
    ['Unit economics', 'Contribution margin', 'Roll-out', 'Google Marketing Platform'],
  ]);
});

test('two faults are both reported, each with its sentence', () => {
  const errors = checkPlaybook({
    ...withStage('detect', { cadence: 'P99D' }),
    retex: { questions: Array.from({ length: 21 }, () => 'Why?') },
  });
  expect(errors).toEqual([
    { path: 'stages.detect.cadence', message: 'Must not be longer than the maximum duration, P28D.' },
    { path: 'retex.questions', message: 'At most 20 questions.' },
  ]);
});

describe('a stage', () => {
  test.each<[string, Partial<StagePlan>, string]>([
    ['shorter at most than at least', { minimumDuration: 'P29D' }, 'minimumDuration'],
    ['read out never', { cadence: 'PT0S' }, 'cadence'],
    ['in another currency', { envelope: money('5000', 'USD') }, ''],
    ['with a negative envelope', { envelope: money('-1', 'EUR') }, 'envelope.amount'],
    ['refined without end', { maximumRefinements: 11 }, 'maximumRefinements'],
    ['extended by halves', { maximumExtensions: 0.5 }, 'maximumExtensions'],
    ['with computed evidence', { requiredEvidence: ['ctr'] }, 'requiredEvidence[0]'],
    ['with evidence named twice', { requiredEvidence: ['clicks', 'clicks'] }, 'requiredEvidence[1]'],
    ['without a success criterion', { criteria: [] }, 'criteria'],
    ['with a ramp before scale', { ramp: scale.ramp }, 'ramp'],
  ])('%s is refused', (_, change, path) => {
    const paths = pathsOf(withStage('detect', change));
    if (path === '') expect(paths).toContain('stages.prototype.envelope.currency');
    else expect(paths).toEqual([`stages.detect.${path}`]);
  });

  test('with too many criteria, or one id twice, is refused', () => {
    const [first] = detect.criteria;
    const many = Array.from({ length: 51 }, () => first).filter((one) => one !== undefined);
    const paths = pathsOf(withStage('detect', { criteria: many }));
    expect(paths).toContain('stages.detect.criteria');
    expect(paths).toContain('stages.detect.criteria[50].id');
    expect(paths).not.toContain('stages.detect.criteria[0].id');
  });

  test('that may spend nothing is possible', () => {
    expect(pathsOf(withStage('detect', { envelope: money('0', 'EUR') }))).toEqual([]);
  });
});

describe('a criterion', () => {
  const threshold = { kind: 'threshold', comparison: 'at_least', bound: '0.01' } as const;

  test.each<[string, Partial<Criterion>, string]>([
    ['whose bound is no decimal', { rule: { ...threshold, bound: '1e-2' } }, 'rule.bound'],
    ['on the wrong side', { rule: { ...threshold, comparison: 'at_most' } }, 'rule.comparison'],
    [
      'with a hard bound that is no guardrail',
      { rule: { ...threshold, hardBound: '0.005' } },
      'rule.hardBound',
    ],
    [
      'whose hard bound is on the good side',
      { role: 'guardrail', rule: { ...threshold, hardBound: '0.02' } },
      'rule.hardBound',
    ],
    ['surer than sure', { rule: { ...threshold, confidence: 1 } }, 'rule.confidence'],
    [
      'with an interval where none exists',
      { metric: 'contribution_margin', rule: { ...threshold, confidence: 0.9 } },
      'rule.confidence',
    ],
    ['comparing arms without an experiment', { rule: { kind: 'versus_control' } }, 'rule.kind'],
    ['that asks for half a sample', { minimumSample: 0.5 }, 'minimumSample'],
    ['that never fails', { failures: 0 }, 'failures'],
    ['older than its stage', { minimumAge: 'P43D' }, 'minimumAge'],
    ['without a name', { id: 'CTR floor' }, 'id'],
    [
      'with a grade above a spend in another currency',
      { minimumGrade: { grade: 'randomised', aboveSpend: money('1', 'USD') } },
      'minimumGrade.aboveSpend.currency',
    ],
  ])('%s is refused', (_, change, path) => {
    const [, , stopLoss] = prototype.criteria;
    expect(stopLoss?.role).toBe('stop_loss');
    expect(pathsOf(withCriterion(change))).toContain(`stages.prototype.criteria[0].${path}`);
  });

  test('that stops losses is a threshold', () => {
    const criteria = measure.criteria.map((criterion): Criterion => ({ ...criterion, role: 'stop_loss' }));
    const paths = pathsOf(withStage('measure', { criteria }));
    expect(paths).toEqual([
      'stages.measure.criteria',
      'stages.measure.criteria[0].rule.kind',
      'stages.measure.criteria[3].rule.kind',
    ]);
  });

  test.each(['0', '1', '-0.1', 'much'])('with the margin %s is refused', (margin) => {
    const criteria = measure.criteria.map(
      (criterion): Criterion => ({ ...criterion, metric: 'cvr', rule: { kind: 'non_inferiority', margin } }),
    );
    const paths = pathsOf(withStage('measure', { criteria }));
    expect(paths).toContain('stages.measure.criteria[0].rule.margin');
  });

  test('that compares arms by a sum is refused', () => {
    const criteria = measure.criteria.map((criterion): Criterion => ({ ...criterion, metric: 'clicks' }));
    expect(pathsOf(withStage('measure', { criteria }))).toContain('stages.measure.criteria[0].metric');
  });
});

describe('an experiment', () => {
  test.each<[string, Partial<ExperimentPlan>, string]>([
    ['without treatment', { treatments: [], weights: { control: 1 } }, 'treatments'],
    ['that treats control', { treatments: ['control'] }, 'treatments[0]'],
    ['whose weights sum to less', { weights: { control: 0.5, treatment: 0.4 } }, 'weights'],
    ['with a weight for nobody', { weights: { control: 0.5, treatment: 0.3, third: 0.2 } }, 'weights.third'],
    ['with an arm without weight', { weights: { control: 0.5 } }, 'weights'],
    ['with a weight of nothing', { weights: { control: 1, treatment: 0 } }, 'weights.treatment'],
    ['on a sum', { primaryMetric: 'clicks' }, 'primaryMetric'],
    ['for any effect at all', { minimumEffect: '0' }, 'minimumEffect'],
    ['that is always right', { alpha: 0 }, 'alpha'],
    ['that never finds', { power: 0.1 }, 'power'],
    ['of nobody', { plannedUnits: 0 }, 'plannedUnits'],
  ])('%s is refused', (_, change, path) => {
    expect(pathsOf(withExperiment(change))).toContain(`stages.measure.experiment.${path}`);
  });

  test('in thirds, as people write them, is possible', () => {
    const thirds = { control: 0.333333, treatment: 0.333333, other: 0.333334 };
    expect(pathsOf(withExperiment({ treatments: ['treatment', 'other'], weights: thirds }))).toEqual([]);
  });
});

describe('a gate', () => {
  const growth = { seat: 'growth', count: 2, veto: false };
  const rich = { seat: 'legal', count: 1, veto: false, aboveSpend: money('1000', 'EUR') };

  test.each<[string, Partial<GatePolicy>, string]>([
    ['without a seat', { seats: [] }, 'seats'],
    ['with an empty seat', { seats: [{ ...growth, count: 0 }, growth] }, 'seats[0].count'],
    ['with a seat twice', { seats: [growth, growth] }, 'seats[1].seat'],
    ['without a quorum', { quorum: 0 }, 'quorum'],
    ['with a quorum that a poor thesis cannot reach', { seats: [growth, rich], quorum: 3 }, 'quorum'],
    ['with a threshold out of reach', { threshold: { kind: 'at_least', votes: 4 } }, 'threshold.votes'],
    ['without time', { deadline: 'PT0S', reminders: [] }, 'deadline'],
    ['that reminds after its deadline', { reminders: ['P5D'] }, 'reminders[0]'],
    ['that escalates to nobody', { onSilence: 'escalate' }, 'escalation'],
    [
      'that never escalates to somebody',
      { escalation: { committee: 'board', deadline: 'P1D' } },
      'escalation',
    ],
    ['that decides by rule at any spend', { mode: 'auto' }, 'autoBelow'],
    ['of people with a spend for rules', { autoBelow: money('100', 'EUR') }, 'autoBelow'],
    ['against an absent seat', { againstRecommendation: { seat: 'legal' } }, 'againstRecommendation.seat'],
    ['that holds for no time', { silentHold: 'PT0S' }, 'silentHold'],
  ])('%s is refused', (_, change, path) => {
    expect(pathsOf(withGate(change))).toContain(`stages.detect.gate.${path}`);
  });

  test('whose disagreement needs a seat that may not exist is refused', () => {
    const paths = pathsOf(withGate({ seats: [growth, rich], againstRecommendation: { seat: 'legal' } }));
    expect(paths).toEqual(['stages.detect.gate.againstRecommendation.seat']);
  });
});

describe('a ramp', () => {
  const step = (amount: string, soak = 'P14D') => ({ budget: money(amount, 'EUR'), soak });

  test.each<[string, StagePlan['ramp'], string]>([
    ['without steps', [], 'ramp'],
    ['that does not rise', [step('100'), step('100')], 'ramp[1].budget.amount'],
    ['over the envelope', [step('100'), step('400001')], 'ramp[1].budget.amount'],
    ['that soaks for no time', [step('100', 'PT0S')], 'ramp[0].soak'],
    ['longer than its stage', [step('1', 'P80D'), step('2', 'P80D')], 'ramp'],
    ['in another currency', [{ budget: money('1', 'USD'), soak: 'P1D' }], 'ramp[0].budget.currency'],
  ])('%s is refused', (_, ramp, path) => {
    expect(pathsOf(withStage('scale', { ramp }))).toEqual([`stages.scale.${path}`]);
  });
});
