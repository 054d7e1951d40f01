// How the past of a thesis becomes its state: what each recorded event adds, and the whole of a journal at once. The
// workflow lives by the first and the ledger is read by the second, so that both give the same state.

import type { RecordedEvent, ThesisState } from '../thesis.ts';
import { born, evolve } from './evolve.ts';

/** How many command ids are remembered: more than the API's retries could ever bring back late. */
const REMEMBERED_COMMANDS = 200;

/** The state after one more event. Null stands for a thesis that has not been proposed. */
export function after(thesisId: string, before: ThesisState | null, recorded: RecordedEvent): ThesisState {
  const { sequence, at, commandId, event } = recorded;
  const state = before ?? newborn(thesisId, recorded);
  if (sequence !== state.sequence + 1) {
    throw new RangeError(`${thesisId}: event ${sequence} does not follow ${state.sequence}`);
  }
  return remember({ ...evolve(state, event, at), sequence }, commandId);
}

/** The state that a whole journal leads to, from its first event on. */
export function stateFrom(thesisId: string, journal: readonly RecordedEvent[]): ThesisState {
  const state = journal.reduce<ThesisState | null>((before, next) => after(thesisId, before, next), null);
  if (state === null) throw new RangeError(`${thesisId} has no journal`);
  return state;
}

/** The state with the command as the last one handled; its events are one command's however many they are. */
export function remember(state: ThesisState, commandId: string | null): ThesisState {
  if (commandId === null) return state;
  const { handled, sequence } = state;
  const others = handled.at(-1)?.commandId === commandId ? handled.slice(0, -1) : handled;
  return { ...state, handled: [...others, { commandId, sequence }].slice(-REMEMBERED_COMMANDS) };
}

function newborn(thesisId: string, { at, event }: RecordedEvent): ThesisState {
  if (event.type !== 'ThesisProposed') throw new TypeError('the first event of a thesis is its proposal');
  return born(thesisId, event.owner, event.contract, at);
}
