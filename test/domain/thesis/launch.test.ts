// From what a growth lead asks for to the contract that is sealed, and what the playbook does not allow.
import { describe, expect, test } from 'vitest';
import { CMO_CYCLE } from '../../../domain/playbook/cmo-cycle.ts';
import { isRefusal } from '../../../domain/refusal.ts';
import { contractFrom, type Launch } from '../../../domain/thesis/launch.ts';
import type { Contract, SourceBinding } from '../../../domain/thesis.ts';

const LAUNCH: Launch = {
  title: 'Refurbished phones',
  statement: 'People subscribe to a refurbished phone.',
  portfolio: 'circular',
  market: 'Lyon',
  channels: ['search'],
  tags: [],
  currency: 'EUR',
  sources: [],
  terms: {},
  businessCase: {},
  economics: { ltv: 'orders_over_horizon', ordersPerCustomer: '6', months: 12 },
};

const push = (id: string): SourceBinding => ({
  id,
  kind: 'push',
  connection: null,
  metrics: ['clicks'],
  parameters: {},
  stages: ['prototype'],
  required: true,
  maximumStaleness: 'P2D',
});

function sealed(launch: Launch): Contract {
  const contract = contractFrom(launch, CMO_CYCLE, 1);
  if (isRefusal(contract)) throw new Error(JSON.stringify(contract));
  return contract;
}

function refusedPaths(launch: Launch): string[] {
  const contract = contractFrom(launch, CMO_CYCLE, 1);
  return isRefusal(contract) ? (contract.fields ?? []).map(({ path }) => path) : ['accepted'];
}

describe('a contract', () => {
  test('says before there are data whether the measure adjusts by a covariate; one that does not say is hashed as ever', () => {
    const adjusted = sealed({ ...LAUNCH, terms: { measure: { experiment: { adjustment: 'cuped' } } } });
    expect(adjusted.playbook.stages.measure.experiment?.adjustment).toBe('cuped');
    expect(sealed(LAUNCH).playbook.stages.measure.experiment).not.toHaveProperty('adjustment');
  });

  test('carries the playbook as it is, when the thesis sets nothing of its own', () => {
    const contract = sealed(LAUNCH);
    expect(contract).toMatchObject({ version: 1, title: LAUNCH.title, playbook: CMO_CYCLE });
    expect(contract).not.toHaveProperty('terms');
  });

  test("carries the thesis's own bounds, margins, envelopes and experiment", () => {
    const { stages } = sealed({
      ...LAUNCH,
      terms: {
        prototype: { envelope: '9000' },
        measure: { targets: { 'revenue-kept': '0.02' }, experiment: { plannedUnits: 40_000 } },
        scale: { targets: { 'cac-guardrail': '35' } },
      },
    }).playbook;
    expect(stages.prototype.envelope).toEqual({ amount: '9000', currency: 'EUR' });
    const rules = [...stages.measure.criteria, ...stages.scale.criteria].map(({ id, rule }) => [id, rule]);
    expect(rules).toContainEqual(['revenue-kept', { kind: 'non_inferiority', margin: '0.02' }]);
    expect(rules).toContainEqual([
      'cac-guardrail',
      { kind: 'threshold', comparison: 'at_most', bound: '35', hardBound: '55' },
    ]);
    expect(stages.measure.experiment).toEqual({
      ...CMO_CYCLE.stages.measure.experiment,
      plannedUnits: 40_000,
    });
    expect(stages.detect).toEqual(CMO_CYCLE.stages.detect);
  });

  test('keeps what a field left undefined says in the playbook', () => {
    const terms = { measure: { experiment: { minimumEffect: undefined } } };
    expect(sealed({ ...LAUNCH, terms }).playbook).toEqual(CMO_CYCLE);
  });
});

describe('refused, naming the path', () => {
  test('a criterion that the stage does not have, or that has no bound to set', () => {
    expect(refusedPaths({ ...LAUNCH, terms: { scale: { targets: { 'no-such': '1' } } } })).toEqual([
      'terms.scale.targets.no-such',
    ]);
    const against = CMO_CYCLE.stages.measure.criteria.find(({ rule }) => rule.kind === 'versus_control');
    const targets = { [against?.id ?? '']: '0.1' };
    expect(refusedPaths({ ...LAUNCH, terms: { measure: { targets } } })).toEqual([
      `terms.measure.targets.${against?.id}`,
    ]);
  });

  test('a bound that no longer fits its rule', () => {
    expect(refusedPaths({ ...LAUNCH, terms: { scale: { targets: { 'cac-guardrail': '60' } } } })).toEqual([
      'terms.scale.targets.cac-guardrail',
    ]);
    expect(refusedPaths({ ...LAUNCH, terms: { measure: { targets: { 'revenue-kept': '2' } } } })).toEqual([
      'terms.measure.targets.revenue-kept',
    ]);
  });

  test('an experiment where there is none, or whose arms and weights do not fit', () => {
    expect(refusedPaths({ ...LAUNCH, terms: { detect: { experiment: { plannedUnits: 10 } } } })).toEqual([
      'terms.detect.experiment',
    ]);
    const terms = { measure: { experiment: { treatments: ['offer', 'discount'] } } };
    expect(refusedPaths({ ...LAUNCH, terms })).toContain('terms.measure.experiment.weights');
  });

  test("a currency that is not the playbook's", () => {
    expect(refusedPaths({ ...LAUNCH, currency: 'USD' })).toContain('currency');
  });

  test('a source named twice', () => {
    expect(refusedPaths({ ...LAUNCH, sources: [push('ads'), push('crm'), push('ads')] })).toEqual([
      'sources[2].id',
    ]);
  });
});
