// A vote as its member sends it, for tests that are about its way and not about its words.
import type { Gate } from '../../domain/gate.ts';
import type { VoteProposal } from '../../domain/thesis/command.ts';

/** Advance, on the file that the gate shows, and nothing said beside it; throws when no gate is open. */
export function ballotOf(gate: Pick<Gate, 'id' | 'evidenceHash'> | null, member: string): VoteProposal {
  if (gate === null) throw new Error(`${member} has no gate to vote on`);
  return {
    member,
    gateId: gate.id,
    evidenceHash: gate.evidenceHash,
    ballot: 'advance',
    reason: null,
    conditions: [],
    holdUntil: null,
    probability: null,
    expectedMargin: null,
  };
}
