// Pasts that many tests of the cycle begin with: at an open gate, in a later stage, through the ramp, in retex.
import type { GatedStage } from '../../domain/stage.ts';
import { GATED_STAGES } from '../../domain/stage.ts';
import type { SealedContract } from '../../domain/thesis.ts';
import { contractWith, day, OWNER } from './small-contract.ts';
import { type Given, given } from './thesis.ts';
import { asks, finds, opensGate, type Reading, readsOut, votes } from './thesis-steps.ts';

/** A thesis at its first gate on day 7, ctr and cac passing unless the reading says otherwise. */
export function atGate(contract: SealedContract = contractWith(), reading: Reading = {}): Given {
  return given(contract).at(day(7)).and(readsOut(reading), opensGate());
}

/** A thesis that has just entered `stage`, a week for each stage before it. */
export function enters(stage: GatedStage, contract: SealedContract = contractWith()): Given {
  const before = GATED_STAGES.slice(0, GATED_STAGES.indexOf(stage));
  return before.reduce(
    (past, _, index) => past.at(day(7 * (index + 1))).and(readsOut(), opensGate(), ...advancing()),
    given(contract),
  );
}

/** A thesis in scale whose two budget steps have soaked, on day 26. */
export function rampSoaked(contract: SealedContract = contractWith()): Given {
  return enters('scale', contract).at(day(23)).and(readsOut()).at(day(26)).and(readsOut());
}

/** A thesis killed at its first gate, its retex drafted. */
export function killed(contract: SealedContract = contractWith()): Given {
  return atGate(contract, { states: { 'ctr-floor': 'fail' } })
    .and(votes('ann', 'kill', { probability: 0.2 }), votes('ben', 'kill', { probability: 0.1 }))
    .and(finds({ type: 'RecordDraft', draft: 'draft-1' }));
}

/** The two votes that a majority of three needs. */
export function advancing() {
  return [votes('ann', 'advance'), votes('fay', 'advance')] as const;
}

export const COMPLETES_RETEX = asks(OWNER, {
  type: 'CompleteRetex',
  summary: 'Nobody clicked.',
  learnings: [{ topic: 'channel', text: 'Search is too dear.' }],
  tags: ['search'],
});
