// Replays the histories of theses that lived under each release against the workflow as it is now: what runs today
// must be able to go on tomorrow. See README.md before touching a history.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import protocol from '@temporalio/proto';
import { bundleWorkflowCode, type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { CODE_VERSION } from '../../domain/version.ts';
import { SILENT, workflowBundle } from '../support/cycle.ts';
import { quietSdk } from '../support/time-skipping.ts';

const { History } = protocol.temporal.api.history.v1;

const HERE = new URL('./', import.meta.url);

const RELEASES = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

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

/** The runs of a story, in order. */
function runsOf(release: string, story: string) {
  const folder = new URL(`${release}/`, HERE);
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${story}-`) && file.endsWith('.history.gz'))
    .sort()
    .map((file) => ({
      workflowId: file.replace('.history.gz', ''),
      history: History.decode(gunzipSync(readFileSync(new URL(file, folder)))),
    }));
}
