// Reads the state that one run of a thesis handed to the next, which may be months old and of another release: what
// its lack of a field means, and which lack nothing can mend. Fields of a newer release are left as they are.

import type { ThesisState } from '../thesis.ts';

/** The field is in every state that was ever carried. */
const ALWAYS = { always: true } as const;

/** Every field: in every state, or else what it means that a state from before it existed lacks it. */
export const CARRIED_FIELDS: {
  readonly [F in keyof ThesisState]: typeof ALWAYS | { readonly absent: ThesisState[F] };
} = {
  thesisId: ALWAYS,
  sequence: ALWAYS,
  owner: ALWAYS,
  contract: ALWAYS,
  stage: ALWAYS,
  stageSince: ALWAYS,
  round: ALWAYS,
  extensions: ALWAYS,
  extendedBy: ALWAYS,
  gateNotBefore: ALWAYS,
  readOutDue: ALWAYS,
  pausedFor: ALWAYS,
  pause: ALWAYS,
  hold: ALWAYS,
  sources: ALWAYS,
  spend: ALWAYS,
  lastReadOut: ALWAYS,
  advice: ALWAYS,
  collectedAt: ALWAYS,
  gate: ALWAYS,
  gatesOpened: ALWAYS,
  conditions: ALWAYS,
  ramp: ALWAYS,
  outcome: ALWAYS,
  retex: ALWAYS,
  closed: ALWAYS,
  handled: ALWAYS,
};

/** What a state lacks that this release cannot do without. */
export interface Unreadable {
  readonly lacks: readonly string[];
}

/** The carried state with all its fields; null, as for a thesis that begins, stays null. */
export function readCarried(
  carried: Partial<ThesisState> | null | undefined,
  fields: typeof CARRIED_FIELDS = CARRIED_FIELDS,
): ThesisState | Unreadable | null {
  if (carried === null) return null;
  const meant = Object.entries(fields).flatMap(([name, field]) =>
    'absent' in field ? [[name, field.absent]] : [],
  );
  const state: Partial<ThesisState> = { ...Object.fromEntries(meant), ...carried };
  const lacks = Object.keys(fields).filter((name) => !(name in state));
  return lacks.length === 0 ? (state as ThesisState) : { lacks };
}

export function isUnreadable(read: ThesisState | Unreadable | null): read is Unreadable {
  return read !== null && 'lacks' in read;
}
