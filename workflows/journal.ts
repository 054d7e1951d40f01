// The journal of a thesis: decide, number the events, evolve, record. The only place that changes the state. What a
// caller is told was done has been recorded; what could not be recorded yet is tried until it is.

import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Asking, Receipt, ThesisCommand } from '../domain/thesis/command.ts';
import { decide, propose } from '../domain/thesis/decide.ts';
import { after, remember } from '../domain/thesis/past.ts';
import { type ThesisView, viewOf } from '../domain/thesis/view.ts';
import type { RecordedEvent, ThesisEvent, ThesisState } from '../domain/thesis.ts';
import type { Clock } from './clock.ts';

/** Writes a batch of numbered events and the view after them, in one transaction; idempotent on the numbers. */
export type Record = (batch: {
  thesisId: string;
  events: readonly RecordedEvent[];
  view: ThesisView;
}) => Promise<void>;

export interface Journal {
  /** Null until the thesis is proposed. */
  readonly state: ThesisState | null;
  /** What a command would be refused for, without doing it; null when it would be accepted. */
  check(command: ThesisCommand, asking: Asking): Refusal | null;
  /** The receipt of a command that an earlier run has done and recorded; null for every other. */
  doneBefore(asking: Asking): Receipt | null;
  /** Does the command and resolves once its events are recorded. */
  commit(command: ThesisCommand, asking: Asking): Promise<Receipt | Refusal>;
  /** Resolves once everything decided so far is recorded. */
  settled(): Promise<void>;
}

export function openJournal(
  thesisId: string,
  carried: ThesisState | null,
  clock: Clock,
  record: Record,
): Journal {
  let state = carried;
  let recorded: Promise<void> = Promise.resolve();

  const decided = (command: ThesisCommand, asking: Asking): readonly ThesisEvent[] | Refusal => {
    if (state !== null) return decide(state, command, asking, clock.now());
    return command.type === 'Propose'
      ? propose(command.contract, asking)
      : refuse('thesis_unknown', `${thesisId} has not been proposed.`);
  };

  const handledAt = (asking: Asking): number | undefined =>
    state?.handled.find(({ commandId }) => commandId === asking.commandId)?.sequence;

  return {
    get state() {
      return state;
    },
    doneBefore({ commandId }) {
      const before = carried?.handled.find((one) => one.commandId === commandId);
      return before === undefined ? null : { thesisId, sequence: before.sequence };
    },
    check(command, asking) {
      if (handledAt(asking) !== undefined) return null;
      const outcome = decided(command, asking);
      return isRefusal(outcome) ? outcome : null;
    },
    async commit(command, asking) {
      const before = handledAt(asking);
      if (before !== undefined) {
        await recorded;
        return { thesisId, sequence: before };
      }
      const outcome = decided(command, asking);
      if (isRefusal(outcome)) return outcome;
      const applied = apply(thesisId, state, outcome, asking, clock.now());
      state = applied.state;
      const batch = { thesisId, events: applied.events, view: viewOf(state, clock.now()) };
      // Batches are recorded in the order in which they were decided.
      if (batch.events.length > 0) recorded = recorded.then(() => record(batch));
      const { sequence } = state;
      await recorded;
      return { thesisId, sequence };
    },
    async settled() {
      for (let seen: typeof recorded | null = null; seen !== recorded; ) {
        seen = recorded;
        await seen;
      }
    },
  };
}

function apply(
  thesisId: string,
  before: ThesisState | null,
  happened: readonly ThesisEvent[],
  { by, commandId }: Asking,
  at: string,
): { state: ThesisState; events: RecordedEvent[] } {
  let state = before;
  const events: RecordedEvent[] = [];
  for (const event of happened) {
    const recorded = { sequence: (state?.sequence ?? 0) + 1, at, actor: by, commandId, event };
    events.push(recorded);
    state = after(thesisId, state, recorded);
  }
  if (state === null) throw new TypeError('the first event of a thesis is its proposal');
  // A command that had nothing to do is remembered as well.
  return { state: remember(state, commandId), events };
}
