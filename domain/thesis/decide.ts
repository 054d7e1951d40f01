// What each command does to a thesis: events, or a refusal. Pure; the workflow is the only place that runs it.
// Votes and gates are in decide-gate.ts, the platform's findings in decide-read-out.ts.

import { canonical } from '../canonical.ts';
import { between, type Instant } from '../duration.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { isGated, STAGES } from '../stage.ts';
import type { Hold, SealedContract, ThesisEvent, ThesisState } from '../thesis.ts';
import type { Asking, PersonCommand, ThesisCommand } from './command.ts';
import {
  castVote,
  closeOnSilence,
  delegateSeat,
  openGate,
  recordRefusedVote,
  recuse,
  refreeze,
  remind,
  voidVotes,
} from './decide-gate.ts';
import { checkConditions, recordReadOut } from './decide-read-out.ts';

export type Decided = readonly ThesisEvent[] | Refusal;

/** Decides a command on a thesis that exists. */
export function decide(state: ThesisState, command: ThesisCommand, asking: Asking, now: Instant): Decided {
  if (command.type === 'Propose')
    return refuse('thesis_already_proposed', `${state.thesisId} was proposed before.`);
  if (state.closed) return refuse('thesis_closed', `${state.thesisId} is closed: ${state.outcome}.`);
  switch (command.type) {
    case 'DecideGate':
      return castVote(state, command.vote, asking, now);
    case 'DelegateSeat':
      return delegateSeat(state, command, asking, now);
    case 'Recuse':
      return recuse(state, command, asking, now);
    case 'OpenGate':
      return openGate(state, command, now);
    case 'RefreezeGate':
      return refreeze(state, command);
    case 'RemindVoters':
      return remind(state, command.gateId, now);
    case 'CloseOnSilence':
      return closeOnSilence(state, command, now);
    case 'RecordRefusedVote':
      return recordRefusedVote(state, command, now);
    case 'RecordReadOut':
      return recordReadOut(state, command, now);
    case 'CheckConditions':
      return checkConditions(state, now);
    case 'ExpireHold':
      return expireHold(state, now);
    case 'RecordDraft':
      return state.stage === 'retex' && state.retex === 'not_begun'
        ? [{ type: 'RetexDrafted', draft: command.draft }]
        : [];
    default:
      return decideForOwner(state, command, asking, now);
  }
}

/** The events that launch a thesis: the first of its journal. */
export function propose(contract: SealedContract, asking: Asking): readonly ThesisEvent[] {
  return [
    { type: 'ThesisProposed', contract, owner: asking.by },
    { type: 'StageEntered', stage: 'detect' },
  ];
}

type OwnerCommand = Extract<
  PersonCommand,
  { type: 'SubmitEvidence' | 'MeetCondition' | 'Hold' | 'Resume' | 'Withdraw' | 'Amend' | 'CompleteRetex' }
>;

function decideForOwner(state: ThesisState, command: OwnerCommand, asking: Asking, now: Instant): Decided {
  if (command.type === 'MeetCondition') return meetCondition(state, command.conditionId, asking);
  if (asking.by !== state.owner && !asking.admin) {
    return refuse('not_owner', `${asking.by} is neither the owner (${state.owner}) nor an administrator.`);
  }
  switch (command.type) {
    case 'SubmitEvidence':
      return inGatedStage(state) ?? submitEvidence(state, command, asking);
    case 'Hold':
      return inGatedStage(state) ?? hold(state, command, asking, now);
    case 'Resume':
      return resume(state, command.reason, asking, now);
    case 'Withdraw':
      return inGatedStage(state) ?? withdraw(command.reason, asking);
    case 'Amend':
      return inGatedStage(state) ?? amend(state, command, asking);
    case 'CompleteRetex':
      return completeRetex(state, command, asking);
  }
}

function inGatedStage(state: ThesisState): Refusal | null {
  return isGated(state.stage) ? null : refuse('not_in_this_stage', `${state.thesisId} is in its retex.`);
}

function submitEvidence(
  state: ThesisState,
  command: Extract<PersonCommand, { type: 'SubmitEvidence' }>,
  asking: Asking,
): Decided {
  const { submission, metrics } = command;
  const submitted: ThesisEvent = { type: 'EvidenceSubmitted', submission, metrics, by: asking.by };
  return [submitted, ...voidVotes(state, `new evidence was submitted by ${asking.by}`)];
}

function meetCondition(state: ThesisState, conditionId: string, asking: Asking): Decided {
  const condition = state.conditions.find(({ id }) => id === conditionId);
  if (condition === undefined) return refuse('condition_unknown', `No open condition ${conditionId}.`);
  if (condition.metric !== null) {
    return refuse(
      'condition_unknown',
      `${conditionId} is met by its metric ${condition.metric.metric}, not by word.`,
    );
  }
  if (condition.owner !== asking.by && !asking.admin) {
    return refuse('not_owner', `${conditionId} is answered for by ${condition.owner}.`);
  }
  return [{ type: 'ConditionMet', conditionId, by: asking.by }];
}

function hold(
  state: ThesisState,
  { reason, until }: Extract<PersonCommand, { type: 'Hold' }>,
  asking: Asking,
  now: Instant,
): Decided {
  if (state.hold !== null) return refuse('already_held', `Held by ${state.hold.by}: ${state.hold.reason}`);
  if (reason.trim() === '') return refuse('reason_required', 'A hold needs a reason.');
  if (until === null || between(now, until) <= 0) {
    return refuse('hold_expiry_required', 'A hold needs an expiry after now.', [
      { path: 'until', message: `must be after ${now}` },
    ]);
  }
  if (state.gate !== null)
    return refuse('not_in_this_stage', 'A gate is open: the committee decides, hold included.');
  return [{ type: 'ThesisHeld', by: asking.by, reason, until }];
}

function resume(state: ThesisState, reason: string, asking: Asking, now: Instant): Decided {
  if (state.hold === null) return refuse('not_held', `${state.thesisId} is not on hold.`);
  if (reason.trim() === '') return refuse('reason_required', 'Resuming needs a reason.');
  return resumed(state, state.hold, asking.by, reason, now);
}

function expireHold(state: ThesisState, now: Instant): Decided {
  const { hold } = state;
  if (hold?.until == null || between(hold.until, now) < 0) return [];
  return resumed(state, hold, 'jalon', `the hold of ${hold.by} expired`, now);
}

/**
 * A hold that began at an open gate was a stop-loss or a missed condition: those who had voted look at the file again.
 * While the data stand still too, the hold adds nothing: their pause began no later and ends no sooner.
 */
function resumed(
  state: ThesisState,
  { since }: Hold,
  by: string,
  reason: string,
  now: Instant,
): readonly ThesisEvent[] {
  const heldFor = state.pause === null ? between(since, now) : 0;
  const event: ThesisEvent = { type: 'ThesisResumed', by, reason, heldFor };
  return [event, ...voidVotes(state, `the thesis was on hold until now: ${reason}`)];
}

function withdraw(reason: string, asking: Asking): Decided {
  if (reason.trim() === '') return refuse('reason_required', 'A withdrawal needs a reason.');
  return [
    { type: 'ThesisWithdrawn', by: asking.by, reason },
    { type: 'StageEntered', stage: 'retex' },
  ];
}

function amend(
  state: ThesisState,
  { contract, reason }: Extract<PersonCommand, { type: 'Amend' }>,
  asking: Asking,
): Decided {
  const present = state.contract;
  if (reason.trim() === '') return refuse('reason_required', 'An amendment needs a reason.');
  if (contract.version !== present.version + 1) {
    return refuse('stale_version', `The contract is at version ${present.version}.`);
  }
  const { name, version } = contract.playbook;
  const isOwnPlaybook = name === present.playbook.name && version === present.playbook.version;
  if (contract.currency !== present.currency || !isOwnPlaybook) {
    return refuse('amendment_not_possible', 'The currency and the playbook of a thesis never change.');
  }
  const passed = STAGES.slice(0, STAGES.indexOf(state.stage)).filter(isGated);
  const touched = passed.filter(
    (stage) => canonical(contract.playbook.stages[stage]) !== canonical(present.playbook.stages[stage]),
  );
  if (touched.length > 0) return refuse('amendment_not_possible', `Already passed: ${touched.join(', ')}.`);
  const amended: ThesisEvent = { type: 'ContractAmended', contract, by: asking.by, reason };
  return [amended, ...voidVotes(state, `the contract was amended to version ${contract.version}: ${reason}`)];
}

function completeRetex(
  state: ThesisState,
  { summary, learnings, tags }: Extract<PersonCommand, { type: 'CompleteRetex' }>,
  asking: Asking,
): Decided {
  if (state.stage !== 'retex') return refuse('not_in_this_stage', `${state.thesisId} is in ${state.stage}.`);
  if (state.retex !== 'drafted')
    return refuse('not_in_this_stage', 'The draft of the retex is not ready yet.');
  const missing = [
    ...(summary.trim() === '' ? [{ path: 'summary', message: 'must not be empty' }] : []),
    ...(learnings.length === 0 ? [{ path: 'learnings', message: 'must have at least one learning' }] : []),
    ...(tags.length === 0 ? [{ path: 'tags', message: 'must have at least one tag' }] : []),
  ];
  if (missing.length > 0)
    return refuse('retex_incomplete', 'A thesis closes only with its learnings.', missing);
  if (state.outcome === null) return refuse('not_in_this_stage', 'The thesis has no outcome yet.');
  return [
    { type: 'RetexCompleted', by: asking.by, summary, learnings, tags },
    { type: 'ThesisClosed', outcome: state.outcome },
  ];
}
