// The words that the tests of the cycle are written in: given what happened, when somebody asks for something, then
// these events follow. Runs decide and evolve as the journal does, and nothing else.
import { expect } from 'vitest';
import type { Instant } from '../../domain/duration.ts';
import { isRefusal, type Refusal, type RefusalCode } from '../../domain/refusal.ts';
import type { Asking } from '../../domain/thesis/command.ts';
import { decide, propose } from '../../domain/thesis/decide.ts';
import { born, evolve } from '../../domain/thesis/evolve.ts';
import type { RecordedEvent, SealedContract, ThesisEvent, ThesisState } from '../../domain/thesis.ts';
import { contractWith, day, OWNER, THESIS } from './small-contract.ts';
import { asks, type Step } from './thesis-steps.ts';

/** The past of a thesis, up to now. */
export interface Given {
  readonly state: ThesisState;
  readonly now: Instant;
  readonly journal: readonly RecordedEvent[];
  at(now: Instant): Given;
  /** What was asked for and accepted, at this moment. Throws when it is refused: the test's past is wrong. */
  and(...steps: readonly Step[]): Given;
  when(step: Step): When;
}

export interface When {
  readonly outcome: readonly ThesisEvent[] | Refusal;
  /** The past with this in it. Throws when it was refused. */
  accepted(): Given;
  /** Exactly these events, each with at least these fields, or of this type. */
  thenEvents(...expected: readonly (ThesisEvent['type'] | Expected)[]): Given;
  thenRefused(code: RefusalCode): Refusal;
}

type Expected = { readonly type: ThesisEvent['type'] } & Readonly<Record<string, unknown>>;

/** A thesis of olga's, proposed on day 0. */
export function given(contract: SealedContract = contractWith()): Given {
  const asking = asks(OWNER, { type: 'ExpireHold' }).asking;
  const newborn = lived(born(THESIS, OWNER, contract, day(0)), day(0), []);
  return after(newborn, propose(contract, asking), asking);
}

function lived(state: ThesisState, now: Instant, journal: readonly RecordedEvent[]): Given {
  const self: Given = {
    state,
    now,
    journal,
    at: (moment) => lived(state, moment, journal),
    and: (...steps) => steps.reduce((past, step) => past.when(step).accepted(), self),
    when: (step) => {
      const outcome = decide(state, step.command(state, now), step.asking, now);
      const accepted = (): Given => {
        if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}: ${outcome.detail}`);
        return after(self, outcome, step.asking);
      };
      return {
        outcome,
        accepted,
        thenEvents(...expected) {
          const next = accepted();
          expect(outcome).toMatchObject(
            expected.map((event) => (typeof event === 'string' ? { type: event } : event)),
          );
          return next;
        },
        thenRefused(code) {
          if (!isRefusal(outcome)) throw new Error(`accepted: ${outcome.map(({ type }) => type).join(', ')}`);
          expect(outcome.refused).toBe(code);
          return outcome;
        },
      };
    },
  };
  return self;
}

function after(past: Given, events: readonly ThesisEvent[], { by, commandId }: Asking): Given {
  const journal = [...past.journal];
  let { state } = past;
  for (const event of events) {
    const sequence = state.sequence + 1;
    journal.push({ sequence, at: past.now, actor: by, commandId, event });
    state = { ...evolve(state, event, past.now), sequence };
  }
  return lived(state, past.now, journal);
}
