// What the outside may know of the workflows: ids, task queue, message names, payloads and search attributes.
// Shared by the workflow and the API: imports no SDK of either.

import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { Stage } from '../domain/stage.ts';
import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { PersonCommand, VoteProposal } from '../domain/thesis/command.ts';
import type { Status, ThesisState } from '../domain/thesis.ts';

export const TASK_QUEUE = 'jalon';

export const THESIS_WORKFLOW = 'thesisWorkflow';

const WORKFLOW_ID_PREFIX = 'thesis/';

export function thesisWorkflowId(thesisId: string): string {
  return `${WORKFLOW_ID_PREFIX}${thesisId}`;
}

/** The thesis that a workflow id names; null for any other workflow. */
export function thesisOfWorkflow(workflowId: string): string | null {
  return workflowId.startsWith(WORKFLOW_ID_PREFIX) ? workflowId.slice(WORKFLOW_ID_PREFIX.length) : null;
}

/** One update for each thing that people may ask; the API's path. */
export const UPDATE_NAMES = {
  Propose: 'propose',
  DecideGate: 'decideGate',
  DelegateSeat: 'delegateSeat',
  Recuse: 'recuse',
  SubmitEvidence: 'submitEvidence',
  MeetCondition: 'meetCondition',
  Hold: 'hold',
  Resume: 'resume',
  Withdraw: 'withdraw',
  Amend: 'amend',
  CompleteRetex: 'completeRetex',
} as const satisfies Record<PersonCommand['type'], string>;

/**
 * The type of the failure by which a validator answers a command that an earlier run of the thesis has done: its detail
 * is the receipt. So a command sent again across continue-as-new stands once in Temporal's history.
 */
export const ALREADY_DONE = 'already_done';

/** The same vote as a signal, for senders that cannot wait for an answer. */
export const VOTE_SIGNAL = 'decideGateSignal';

/** What the signal carries. Untrusted: it is checked by hand before it becomes a vote. */
export interface VoteSignal extends VoteProposal {
  readonly commandId: string;
}

export const DESCRIBE_QUERY = 'describeThesis';

export interface ThesisStart {
  readonly thesisId: string;
  readonly clock: ThesisClock;
  /** Null for a new thesis; the carried state after continue-as-new. */
  readonly state: ThesisState | null;
}

/** Who sends an update; `commandId` makes sending twice the same as sending once. */
export interface Sender {
  readonly by: string;
  readonly admin: boolean;
  readonly commandId: string;
}

/** So that operators find a thesis in Temporal's own UI and CLI. Registered at start-up. */
export const SEARCH_ATTRIBUTES = {
  stage: defineSearchAttributeKey('JalonStage', 'KEYWORD'),
  status: defineSearchAttributeKey('JalonStatus', 'KEYWORD'),
  owner: defineSearchAttributeKey('JalonOwner', 'KEYWORD'),
  portfolio: defineSearchAttributeKey('JalonPortfolio', 'KEYWORD'),
  gateOpen: defineSearchAttributeKey('JalonGateOpen', 'BOOL'),
} as const;

/** A thesis as its search attributes tell it. */
export function searchAttributesOf(thesis: {
  readonly stage: Stage;
  readonly status: Status;
  readonly owner: string;
  readonly portfolio: string;
  readonly gateOpen: boolean;
}): SearchAttributePair[] {
  return [
    { key: SEARCH_ATTRIBUTES.stage, value: thesis.stage },
    { key: SEARCH_ATTRIBUTES.status, value: thesis.status },
    { key: SEARCH_ATTRIBUTES.owner, value: thesis.owner },
    { key: SEARCH_ATTRIBUTES.portfolio, value: thesis.portfolio },
    { key: SEARCH_ATTRIBUTES.gateOpen, value: thesis.gateOpen },
  ];
}
