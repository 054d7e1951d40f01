// A plan's kind bounds its grade and its method: nothing un-randomised passes for a randomised test.
import { expect, test } from 'vitest';
import { checkExperimentPlan, GRADE_OF_KIND } from '../../../domain/experiment/plan-check.ts';
import type { ExperimentPlan } from '../../../domain/playbook.ts';
import { plan } from '../experiment-fixture.ts';

function faults(change: Partial<ExperimentPlan>): string[] {
  const found: string[] = [];
  checkExperimentPlan({ ...plan, ...change }, (path) => found.push(path));
  return found;
}

test('a plan that fits has no fault', () => {
  expect(faults({})).toEqual([]);
  expect(faults({ kind: 'holdout', adjustment: 'cuped' })).toEqual([]);
  expect(faults({ kind: 'geo', method: 'fixed_horizon', grade: 'quasi_experiment' })).toEqual([]);
});

test('what compares days has nothing to adjust by', () => {
  const geo = { kind: 'geo', method: 'fixed_horizon', grade: 'quasi_experiment' } as const;
  expect(faults({ ...geo, adjustment: 'cuped' })).toEqual(['adjustment']);
  expect(faults({ ...geo, adjustment: 'none' })).toEqual([]);
});

test.each(Object.entries(GRADE_OF_KIND))('%s gives %s at most', (kind, strongest) => {
  const found = faults({
    kind: kind as ExperimentPlan['kind'],
    method: 'fixed_horizon',
    grade: 'randomised',
  });
  expect(found).toEqual(strongest === 'randomised' ? [] : ['grade']);
});

test('what is not randomised unit by unit is read once', () => {
  expect(faults({ kind: 'prepost', grade: 'pre_post' })).toEqual(['method']);
  expect(faults({ kind: 'geo', grade: 'pre_post', method: 'confidence_sequence' })).toEqual(['method']);
});
