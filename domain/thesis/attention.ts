// When a thesis needs an operator: what the workflow engine says of its run, read as a list of troubles with what to
// do about each. The one home of that catalogue; who asks the engine, and where the answer is kept, is not its matter.

import { MINUTE } from '../duration.ts';

export const ATTENTIONS = {
  activity_failing: {
    title: 'A step of this thesis keeps failing',
    hint: 'Read the detail, mend what it names (a database, a connection, a committee); the step is tried again by itself and the thesis goes on from there.',
  },
  workflow_task_failing: {
    title: 'The code of this thesis fails at each attempt',
    hint: 'Deploy a worker that can read this state: the detail names the error. Nothing is lost meanwhile; the thesis goes on at the first attempt that succeeds.',
  },
  replay_failing: {
    title: 'The present code does not reproduce the past of this thesis',
    hint: 'Go back to the release that this thesis ran on, or put the change behind `patched` (docs/upgrades.md). Do not terminate the workflow.',
  },
  not_picked_up: {
    title: 'No worker takes the work of this thesis',
    hint: 'Check that workers are running and ready (/readyz) and that there are enough of them for the backlog of the task queue; with JALON_DEPLOYMENT set, also that a build of them is the current version.',
  },
  run_ended: {
    title: 'The run of this thesis ended before the thesis did',
    hint: 'Mend what the detail names, then run `npm run theses:revive`: the thesis goes on from the last event of its ledger. Whoever got no answer sends the same request again.',
  },
  run_missing: {
    title: 'The workflow engine does not know this thesis',
    hint: 'The engine has lost the run, or was restored to a moment before it: run `npm run theses:revive`, and the thesis goes on from the last event of its ledger.',
  },
} as const satisfies Record<string, { title: string; hint: string }>;

export type AttentionKind = keyof typeof ATTENTIONS;

export const ATTENTION_KINDS = Object.keys(ATTENTIONS) as AttentionKind[];

export interface Attention {
  readonly kind: AttentionKind;
  /** What it is about where there may be several, as the name of an activity; empty otherwise. */
  readonly subject: string;
  /** The engine's words, cut to a length that can be kept. */
  readonly detail: string;
  readonly attempts: number;
}

/** How a run stands; `completed` and `continued` are its regular ends. */
export type RunStatus =
  | 'running'
  | 'completed'
  | 'failed'
  | 'terminated'
  | 'canceled'
  | 'timed_out'
  | 'missing';

/** What the engine says of the newest run of a thesis that is not closed. */
export interface RunFinding {
  readonly status: RunStatus;
  readonly runId: string;
  /** Why a run that does not go on has ended, in the engine's words; null when it says nothing. */
  readonly ending: string | null;
  readonly activities: readonly {
    readonly type: string;
    readonly attempt: number;
    readonly failure: string;
  }[];
  readonly task: {
    readonly attempt: number;
    /** Milliseconds since it was scheduled without a worker having taken it; null once one has. */
    readonly untaken: number | null;
    readonly replay: boolean;
    readonly failure: string;
  } | null;
}

/** Attempts from which on a step is said to keep failing: a restart or a hiccup is over before. */
const FAILING_FROM_ATTEMPT = 5;

/** Workflow tasks are not supposed to fail at all; two more tries rule out a worker that was being stopped. */
const TASK_FAILING_FROM_ATTEMPT = 3;

const UNTAKEN_AFTER = 2 * MINUTE;

const LONGEST_DETAIL = 1_000;

/** Everything about a run that needs an operator, in the catalogue's order; empty when all is well. */
export function attentionsOf({ status, runId, ending, activities, task }: RunFinding): Attention[] {
  if (status === 'missing') return [attention('run_missing', '', 'There is no workflow of this id.', 1)];
  if (status !== 'running') {
    const words = ending === null ? '.' : `: ${ending}`;
    return [attention('run_ended', '', `Run ${runId} ${status}${words}`, 1)];
  }
  const failing = activities
    .filter(({ attempt }) => attempt >= FAILING_FROM_ATTEMPT)
    .map(({ type, attempt, failure }) => attention('activity_failing', type, failure, attempt));
  if (task === null) return failing;
  if (task.attempt >= TASK_FAILING_FROM_ATTEMPT) {
    const kind = task.replay ? 'replay_failing' : 'workflow_task_failing';
    return [...failing, attention(kind, '', task.failure, task.attempt)];
  }
  if (task.untaken === null || task.untaken < UNTAKEN_AFTER) return failing;
  const minutes = Math.floor(task.untaken / MINUTE);
  return [
    ...failing,
    attention('not_picked_up', '', `Waiting for a worker for ${minutes} minutes.`, task.attempt),
  ];
}

function attention(kind: AttentionKind, subject: string, detail: string, attempts: number): Attention {
  return { kind, subject, detail: detail.slice(0, LONGEST_DETAIL), attempts };
}
