// Replays the histories of theses that lived under each release against the workflow as it is now: what runs today
// must be able to go on tomorrow. See README.md before touching a history.

import { fileURLToPath } from 'node:url';
import { defaultPayloadConverter } from '@temporalio/common';
import type protocol from '@temporalio/proto';
import { bundleWorkflowCode, type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { stateFrom } from '../../domain/thesis/past.ts';
import type { RecordedEvent, ThesisState } from '../../domain/thesis.ts';
import { CODE_VERSION } from '../../domain/version.ts';
import { UNTRACED } from '../../worker/worker.ts';
import type { ThesisStart } from '../../workflows/contract.ts';
import { SILENT, workflowBundle } from '../support/cycle.ts';
import { quietSdk } from '../support/time-skipping.ts';
import { bundleOf, RELEASES, runsOf } from './releases.ts';

type History = protocol.temporal.api.history.v1.IHistory;

const HERE = new URL('./', import.meta.url);

const STORIES = RELEASES.flatMap((release) =>
  ['winner', 'loser'].map((story) => ({ release, story, runs: runsOf(release, story) })),
);

beforeAll(() => {
  // A replay that fails on purpose says so on the console.
  quietSdk('ERROR');
});

describe('what runs under a release can go on under this code', () => {
  test.each(STORIES)('$release: the $story', async ({ release, story, runs }) => {
    expect(runs.length).toBeGreaterThan(1);
    const options: ReplayWorkerOptions = { workflowBundle: await workflowBundle() };
    const failures: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(options, runs)) {
      if (error !== undefined) failures.push(`${release}/${workflowId}: ${error.message}`);
    }
    expect(failures, `${story} of ${release}`).toEqual([]);
  });

  test.each(STORIES)('$release: the $story, under the workflows kept with it', async ({ release, runs }) => {
    const options: ReplayWorkerOptions = { workflowBundle: bundleOf(release), sinks: UNTRACED };
    for await (const { workflowId, error } of Worker.runReplayHistories(options, runs)) {
      expect(error, `${release}/${workflowId}`).toBeUndefined();
    }
  });

  test('the present release has its histories, through every stage', () => {
    expect(RELEASES).toContain(CODE_VERSION);
    const runs = STORIES.filter(({ release }) => release === CODE_VERSION).map((story) => story.runs.length);
    // detect, prototype, measure, scale and retex; the loser is killed in measure.
    expect(runs).toEqual([5, 4]);
  });
});

describe('a workflow that does something else than it did', () => {
  test('fails its replay', async () => {
    const [winner] = STORIES;
    const [first] = winner?.runs ?? [];
    if (first === undefined) throw new Error('there is no history to replay');
    const workflowsPath = fileURLToPath(new URL('altered-workflow.ts', HERE));
    const altered = await bundleWorkflowCode({ workflowsPath, logger: SILENT });
    const replay = Worker.runReplayHistory({ workflowBundle: altered }, first.history, first.workflowId);
    await expect(replay).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});

describe('what the events of a thesis lead to', () => {
  test.each(STORIES)('is what each run carried into the next: $release, the $story', ({ runs }) => {
    const journal: RecordedEvent[] = [];
    let compared = 0;
    for (const { history } of runs) {
      journal.push(...recordedIn(history));
      const carried = carriedBy(history);
      if (carried === null) continue;
      expect(stateFrom(carried.thesisId, journal)).toEqual(carried);
      compared += 1;
    }
    expect(compared).toBe(runs.length - 1);
  });
});

/** The events that a run had recorded, in order; an attempt that was repeated stands once in a history. */
function recordedIn({ events }: History): RecordedEvent[] {
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
    if (scheduled?.activityType?.name !== 'recordEvents') return [];
    const [payload] = scheduled.input?.payloads ?? [];
    return payload === undefined ? [] : (read<{ events: RecordedEvent[] }>(payload).events ?? []);
  });
}

/** The state that the run handed to the next; null for the last run. */
function carriedBy({ events }: History): ThesisState | null {
  const input = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.input;
  const [payload] = input?.payloads ?? [];
  return payload === undefined ? null : read<ThesisStart>(payload).state;
}

function read<T>(payload: protocol.temporal.api.common.v1.IPayload): T {
  return defaultPayloadConverter.fromPayload<T>(payload);
}
