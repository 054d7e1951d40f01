// Looks at the runs of theses in the workflow engine and notes what needs an operator, so that nothing that is stuck
// is stuck in silence. Only asks and notes: it mends nothing and touches no workflow.

import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type PayloadCodec } from '@temporalio/common';
import protocol from '@temporalio/proto';
import { isOpen, noteAttention, openThesesAfter, thesesNoted } from '../db/attention.ts';
import type { Db } from '../db/connect.ts';
import { attentionsOf, type RunFinding } from '../domain/thesis/attention.ts';
import { thesisWorkflowId } from '../workflows/contract.ts';
import { describeRun, statusOf } from './run-status.ts';

export interface ScanDependencies {
  readonly db: Db;
  readonly client: Client;
  /** Reads the failures that the engine keeps encrypted; null when it keeps them in the clear. */
  readonly codec: PayloadCodec | null;
  readonly now: () => Date;
}

/** Theses of the round looked at in one pass: all of 10,000 in ten minutes at a pass each 15 seconds. */
const ROUND_SLICE = 250;

/** Noted theses looked at again in one pass, so that what is mended disappears soon. */
const NOTED_SLICE = 100;

/**
 * One pass: what is noted already, then the next slice of the open theses. Returns where the next pass goes on, empty
 * at the end of a round.
 */
export async function scanPass(deps: ScanDependencies, after: string): Promise<string> {
  const noted = await thesesNoted(deps.db, NOTED_SLICE);
  const slice = await openThesesAfter(deps.db, after, ROUND_SLICE);
  for (const thesisId of new Set([...noted, ...slice])) await lookAt(deps, thesisId);
  return slice.length < ROUND_SLICE ? '' : (slice.at(-1) ?? '');
}

/** Looks at one thesis and notes what it needs. Throws when the engine or the database does not answer. */
export async function lookAt(deps: ScanDependencies, thesisId: string): Promise<void> {
  const finding = await findingOf(deps, thesisId);
  // A thesis that ended meanwhile, or was never recorded, is not missed by anybody.
  const over = finding.status !== 'running' && !(await isOpen(deps.db, thesisId));
  const found = over ? [] : attentionsOf(finding);
  await noteAttention(deps.db, { thesisId, found, at: deps.now().toISOString() });
}

async function findingOf({ client, codec, now }: ScanDependencies, thesisId: string): Promise<RunFinding> {
  const run = await describeRun(client, thesisId);
  const status = statusOf(run);
  if (run === null) return { status, runId: '', ending: null, activities: [], task: null };
  const { runId, raw } = run;
  const activities = (raw.pendingActivities ?? []).map(async ({ activityType, attempt, lastFailure }) => ({
    type: activityType?.name ?? '',
    attempt: attempt ?? 1,
    failure: await textOf(lastFailure, codec),
  }));
  return {
    status,
    runId,
    ending: status === 'running' ? null : await lastWords({ client, codec }, thesisId),
    activities: await Promise.all(activities),
    task: await taskOf(raw.pendingWorkflowTask, now, () => lastTaskFailure({ client, codec }, thesisId)),
  };
}

const { PendingWorkflowTaskState, WorkflowTaskFailedCause } = protocol.temporal.api.enums.v1;

async function taskOf(
  task: protocol.temporal.api.workflow.v1.IPendingWorkflowTaskInfo | null | undefined,
  now: () => Date,
  lastFailure: () => Promise<{ replay: boolean; failure: string }>,
): Promise<RunFinding['task']> {
  if (task == null) return null;
  const { attempt, state, scheduledTime } = task;
  const untaken =
    state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED && scheduledTime != null
      ? now().getTime() - Number(scheduledTime.seconds) * 1_000
      : null;
  const failed = (attempt ?? 1) > 1 ? await lastFailure() : { replay: false, failure: '' };
  return { attempt: attempt ?? 1, untaken, ...failed };
}

type Reader = Pick<ScanDependencies, 'client' | 'codec'>;

/** The engine writes the first failure of a row of failed attempts into the history: it is among the last events. */
async function lastTaskFailure({ client, codec }: Reader, thesisId: string) {
  const events = await lastEvents(client, thesisId, 20);
  const failed = events.find((event) => event.workflowTaskFailedEventAttributes != null);
  const attributes = failed?.workflowTaskFailedEventAttributes;
  return {
    replay: attributes?.cause === WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
    failure: await textOf(attributes?.failure, codec),
  };
}

/** Why a run ended, as its last event says; null when that says nothing. */
async function lastWords({ client, codec }: Reader, thesisId: string): Promise<string | null> {
  const [last] = await lastEvents(client, thesisId, 1);
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  if (failure != null) return await textOf(failure, codec);
  return last?.workflowExecutionTerminatedEventAttributes?.reason || null;
}

async function lastEvents(client: Client, thesisId: string, count: number) {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId: thesisWorkflowId(thesisId) },
    maximumPageSize: count,
  });
  return history?.events ?? [];
}

/** The words of a failure and of its first cause. Where they cannot be read, that is what it says. */
async function textOf(
  failure: protocol.temporal.api.failure.v1.IFailure | null | undefined,
  codec: PayloadCodec | null,
): Promise<string> {
  if (failure == null) return 'The engine names no failure; the log of the workers does.';
  const message = await messageOf(failure, codec);
  const cause = failure.cause == null ? '' : `: ${await messageOf(failure.cause, codec)}`;
  return `${message}${cause}`;
}

async function messageOf(
  { message, encodedAttributes }: protocol.temporal.api.failure.v1.IFailure,
  codec: PayloadCodec | null,
): Promise<string> {
  if (encodedAttributes == null) return message ?? '';
  try {
    // A bundle keeps the words in a payload also where nothing seals it.
    const [payload] = codec === null ? [encodedAttributes] : await codec.decode([encodedAttributes]);
    const read: unknown = payload === undefined ? null : defaultPayloadConverter.fromPayload(payload);
    return isWithMessage(read) ? read.message : (message ?? '');
  } catch (error) {
    return `a failure that cannot be read here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isWithMessage(value: unknown): value is { message: string } {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}
