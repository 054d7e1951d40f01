// The file of a gate as a voter reads it before voting: the evidence with its hash, what the rules recommend, who has
// voted, and what silence means.

import { thesisTime } from '../domain/thesis/clock.ts';
import type { GateFile, ThesisAnswer } from './answers.ts';
import { readOutIn } from './show.ts';
import { type Fact, facts, paint, plain, terminalWidth } from './terminal.ts';
import { moment } from './words.ts';

/** What a vote at this gate is about. */
export function dossier(gate: GateFile, thesis: ThesisAnswer): string {
  const { evidence, quorum, votes, policy } = gate;
  const width = terminalWidth();
  const now = thesisTime(thesis.clock, Date.now());
  const cast = votes
    .filter(({ voidedAt }) => voidedAt === null)
    .map(
      ({ member, seat, ballot, reason }) =>
        `${member} (${seat}): ${ballot}${reason === null ? '' : `, ${reason}`}`,
    );
  const entries: Fact[] = [
    ['Gate', `${gate.gateId}, ${gate.stage}`],
    ['Deadline', `${moment(gate.deadline, now)}; silence means ${policy.onSilence}`],
    ['Recommended', gate.recommendation],
    ['Quorum', quorum === null ? null : `${quorum.reached} of ${quorum.needed} votes`],
    ['Votes', cast.length === 0 ? null : cast.join('\n')],
    [
      'Evidence',
      `${evidence?.observations.count ?? 0} observations, contract ${evidence?.contract.version ?? 1}`,
    ],
    ['SHA-256', gate.evidenceHash],
  ];
  const digest = evidence?.readOut?.digest;
  const head = `${paint('bold', plain(gate.title))}\n${facts(entries, width)}`;
  return digest === undefined ? head : `${head}\n\n${readOutIn(digest, width)}`;
}

/** How far the gate is. */
export function standing({ decision, quorum, waitsFor }: GateFile): string {
  if (decision !== null) return `The gate has decided: ${decision}.`;
  const votes = quorum === null ? '' : `${quorum.reached} of ${quorum.needed} votes of the quorum are in. `;
  return `${votes}It waits for ${waitsFor.length === 0 ? 'its deadline' : waitsFor.join(', ')}.`;
}
