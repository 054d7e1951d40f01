// What of a run needs an operator: every kind of trouble is found, and what is merely busy is left alone.
import { expect, test } from 'vitest';
import {
  ATTENTION_KINDS,
  ATTENTIONS,
  attentionsOf,
  type RunFinding,
} from '../../../domain/thesis/attention.ts';

const WELL: RunFinding = { status: 'running', runId: 'run-1', ending: null, activities: [], task: null };
const TASK = { attempt: 1, untaken: null, replay: false, failure: '' };
const MINUTE = 60_000;

const TROUBLES: Record<string, [finding: Partial<RunFinding>, kinds: string[]]> = {
  'nothing at all': [{}, []],
  'a step at its fourth attempt': [
    { activities: [{ type: 'collectEvidence', attempt: 4, failure: 'x' }] },
    [],
  ],
  'a step at its fifth attempt': [
    { activities: [{ type: 'collectEvidence', attempt: 5, failure: 'x' }] },
    ['activity_failing'],
  ],
  'a task that failed twice': [{ task: { ...TASK, attempt: 2 } }, []],
  'a task that fails': [{ task: { ...TASK, attempt: 3 } }, ['workflow_task_failing']],
  'a replay that fails': [{ task: { ...TASK, attempt: 3, replay: true } }, ['replay_failing']],
  'a task that waits a moment': [{ task: { ...TASK, untaken: MINUTE } }, []],
  'a task that nobody takes': [{ task: { ...TASK, untaken: 3 * MINUTE } }, ['not_picked_up']],
  'two troubles at once': [
    {
      activities: [{ type: 'collectEvidence', attempt: 9, failure: 'x' }],
      task: { ...TASK, untaken: 3 * MINUTE },
    },
    ['activity_failing', 'not_picked_up'],
  ],
  'a run that failed': [{ status: 'failed' }, ['run_ended']],
  'a run that was terminated, whatever hung on it': [
    { status: 'terminated', activities: [{ type: 'collectEvidence', attempt: 9, failure: 'x' }] },
    ['run_ended'],
  ],
  'no run': [{ status: 'missing', runId: '' }, ['run_missing']],
};

test.each(Object.entries(TROUBLES))('%s', (_name, [finding, kinds]) => {
  expect(attentionsOf({ ...WELL, ...finding }).map(({ kind }) => kind)).toEqual(kinds);
});

test('every kind is found by a case above and says what to do', () => {
  const found = new Set(Object.values(TROUBLES).flatMap(([, kinds]) => kinds));
  expect([...found].sort()).toEqual([...ATTENTION_KINDS].sort());
  for (const { title, hint } of Object.values(ATTENTIONS))
    expect(`${title}. ${hint}`.length).toBeGreaterThan(60);
});

test('the detail names the step and keeps to a length that can be stored', () => {
  const activities = [{ type: 'readOutStage', attempt: 12, failure: 'x'.repeat(5_000) }];
  const [attention] = attentionsOf({ ...WELL, activities });
  expect(attention).toMatchObject({ subject: 'readOutStage', attempts: 12 });
  expect(attention?.detail).toHaveLength(1_000);
});

test('the detail of a run that ended names the run, how it ended and why', () => {
  const ending = 'Activity task failed: thesis-1: event 5 follows 2';
  const [attention] = attentionsOf({ ...WELL, status: 'failed', ending });
  expect(attention?.detail).toBe(`Run run-1 failed: ${ending}`);
});
