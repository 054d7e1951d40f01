// The messages a thesis answers: updates with a synchronous validator and a typed refusal, the vote as a signal, and
// the query. Registered before the first await, so that nothing sent early is lost.

import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
} from '@temporalio/workflow';
import { readVoteProposal } from '../domain/gate/vote-check.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { Asking, PersonCommand, Receipt } from '../domain/thesis/command.ts';
import { type ThesisView, viewOf } from '../domain/thesis/view.ts';
import type { Clock } from './clock.ts';
import { ALREADY_DONE, DESCRIBE_QUERY, type Sender, UPDATE_NAMES, VOTE_SIGNAL } from './contract.ts';
import type { Journal } from './journal.ts';

export function listen(journal: Journal, clock: Clock): void {
  for (const name of Object.values(UPDATE_NAMES)) {
    setHandler(
      defineUpdate<Receipt, [PersonCommand, Sender]>(name),
      async (command, sender) => {
        const answer = await journal.commit(command, askingOf(sender));
        if (isRefusal(answer)) throw failure(answer);
        return answer;
      },
      {
        // The SDK calls validators synchronously and ignores a promise: this must never become async.
        validator: (command, sender) => {
          const asking = askingOf(sender);
          const receipt = journal.doneBefore(asking);
          if (receipt !== null) {
            throw ApplicationFailure.nonRetryable('done by an earlier run', ALREADY_DONE, receipt);
          }
          const refusal = journal.check(command, asking);
          if (refusal !== null) throw failure(refusal);
        },
      },
    );
  }
  setHandler(defineSignal<[unknown]>(VOTE_SIGNAL), (payload) => voteBySignal(journal, payload));
  setHandler(defineQuery<ThesisView | null>(DESCRIBE_QUERY), () =>
    journal.state === null ? null : viewOf(journal.state, clock.now()),
  );
}

/**
 * A refused vote becomes a recorded event, never a crash. A payload that is no vote at all cannot be attributed to
 * anybody and is dropped: the log says so.
 */
async function voteBySignal(journal: Journal, payload: unknown): Promise<void> {
  const vote = readVoteProposal(payload);
  const commandId = commandIdOf(payload);
  if (isRefusal(vote) || commandId === null || journal.state === null) {
    log.warn('a vote by signal could not be read', {
      reason: isRefusal(vote) ? vote.detail : 'no commandId',
    });
    return;
  }
  const asking: Asking = { by: vote.member, admin: false, commandId, via: 'signal' };
  const answer = await journal.commit({ type: 'DecideGate', vote }, asking);
  if (!isRefusal(answer)) return;
  const refused = { type: 'RecordRefusedVote', gateId: vote.gateId, member: vote.member, vote } as const;
  await journal.commit(refused, { by: 'jalon', admin: true, commandId, via: 'signal' });
}

/** The id that makes the same signal twice have one effect. */
function commandIdOf(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null || !('commandId' in payload)) return null;
  const { commandId } = payload;
  return typeof commandId === 'string' && commandId !== '' && commandId.length <= 200 ? commandId : null;
}

function askingOf({ by, admin, commandId }: Sender): Asking {
  return { by, admin, commandId, via: 'update' };
}

function failure(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.detail, refusal.refused, refusal);
}
