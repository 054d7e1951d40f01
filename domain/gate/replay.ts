// Recomputes a past decision from the journal alone: the gate as it opened, its votes in order, and the rules. The
// same inputs must give the same outcome, for ever.

import { canonical } from '../canonical.ts';
import type { Instant } from '../duration.ts';
import type { Gate, GateOutcome } from '../gate.ts';
import { born, evolve } from '../thesis/evolve.ts';
import { thesisSpend } from '../thesis/spend.ts';
import type { RecordedEvent, ThesisState } from '../thesis.ts';
import { rulesOutcome, silenceOutcome, tally } from './tally.ts';

export interface Replay {
  readonly gateId: string;
  readonly agrees: boolean;
  readonly recorded: GateOutcome | null;
  readonly recomputed: GateOutcome | null;
  /** The fields that differ; empty when the two agree. */
  readonly differences: readonly string[];
}

export function replayGate(gateId: string, journal: readonly RecordedEvent[]): Replay {
  let state: ThesisState | null = null;
  for (const { event, at } of journal) {
    if (event.type === 'GateDecided' && event.gateId === gateId) {
      const recomputed = state?.gate == null ? null : outcomeOf(state, state.gate, event.outcome.by, at);
      return compared(gateId, event.outcome, recomputed);
    }
    if (state === null && event.type === 'ThesisProposed') state = born('', event.owner, event.contract, at);
    if (state !== null) state = evolve(state, event, at);
  }
  return compared(gateId, null, null);
}

function outcomeOf(state: ThesisState, gate: Gate, by: GateOutcome['by'], at: Instant): GateOutcome | null {
  if (by === 'votes') return tally(gate, at).decided;
  if (by === 'silence') {
    const outcome = silenceOutcome(gate, at);
    return outcome === 'escalate' ? null : outcome;
  }
  return rulesOutcome(gate.policy, gate.recommendation, thesisSpend(state.spend));
}

function compared(gateId: string, recorded: GateOutcome | null, recomputed: GateOutcome | null): Replay {
  const [before, after] = [fields(recorded), fields(recomputed)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differences = names.filter((name) => before.get(name) !== after.get(name));
  return { gateId, agrees: recorded !== null && differences.length === 0, recorded, recomputed, differences };
}

function fields(outcome: GateOutcome | null): Map<string, string> {
  return new Map(Object.entries(outcome ?? {}).map(([name, value]) => [name, canonical(value)]));
}
