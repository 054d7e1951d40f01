// What a thesis has to do next and when: a pure reading of its state. The workflow sleeps until the appointment,
// wakes early when the state changes, and asks again.

import { between, type Instant, later, milliseconds } from '../duration.ts';
import type { StagePlan } from '../playbook.ts';
import { isGated } from '../stage.ts';
import type { ThesisState } from '../thesis.ts';
import { settles } from './advice.ts';

export interface Appointment {
  readonly do:
    | 'read_out'
    | 'open_gate'
    | 'refreeze'
    | 'remind'
    | 'close_on_silence'
    | 'expire_hold'
    | 'check_conditions'
    | 'draft_retex';
  readonly at: Instant;
}

export function isSameAppointment(one: Appointment | null, other: Appointment | null): boolean {
  return one?.do === other?.do && one?.at === other?.at;
}

/** The plan of the stage that the thesis is in; null in retex. */
export function planOf(state: ThesisState): StagePlan | null {
  return isGated(state.stage) ? state.contract.playbook.stages[state.stage] : null;
}

/** Milliseconds that the stage's clock has run in this round: pauses and holds do not count. */
export function elapsed(state: ThesisState, now: Instant): number {
  const standing = standingSince(state);
  const running = between(state.stageSince, standing ?? now);
  return Math.max(0, running - state.pausedFor);
}

/** When the stage's plan ends if its clock runs on from `now`. */
export function plannedEnd(state: ThesisState, plan: StagePlan, now: Instant): Instant {
  const total = milliseconds(plan.maximumDuration) + state.extendedBy;
  return later(now, total - elapsed(state, now));
}

/** The next appointment, possibly already due; null when only people can move the thesis, or nothing can. */
export function nextAppointment(state: ThesisState, now: Instant): Appointment | null {
  if (state.closed) return null;
  const plan = planOf(state);
  if (plan === null) return state.retex === 'not_begun' ? { do: 'draft_retex', at: now } : null;
  const candidates = state.hold === null ? running(state, plan, now) : onHold(state);
  return earliest(candidates);
}

/** The earliest; of two at the same time, the first in the list. */
function earliest(candidates: readonly (Appointment | null)[]): Appointment | null {
  const real = candidates.filter((candidate) => candidate !== null);
  return real.reduce<Appointment | null>(
    (best, candidate) => (best === null || between(best.at, candidate.at) < 0 ? candidate : best),
    null,
  );
}

function onHold({ hold }: ThesisState): (Appointment | null)[] {
  return [hold?.until ? { do: 'expire_hold', at: hold.until } : null];
}

function running(state: ThesisState, plan: StagePlan, now: Instant): (Appointment | null)[] {
  const readOut: Appointment = { do: 'read_out', at: nextReadOut(state, plan, now) };
  // What is waiting to be read may meet a condition: it is read before the condition counts as missed.
  const conditions =
    state.readOutDue === null
      ? state.conditions.map(({ due }): Appointment => ({ do: 'check_conditions', at: due }))
      : [];
  if (state.gate !== null) return [...atGate(state, now), ...conditions, readOut];
  return [gateAppointment(state, plan, now), ...conditions, readOut];
}

function atGate(state: ThesisState, now: Instant): (Appointment | null)[] {
  const { gate, pause } = state;
  if (gate === null) return [];
  if (gate.evidenceHash === '') return [{ do: 'refreeze', at: now }];
  if (pause !== null) return [];
  const reminder = gate.reminders[gate.remindersSent];
  return [
    reminder === undefined ? null : { do: 'remind', at: reminder },
    { do: 'close_on_silence', at: gate.deadline },
  ];
}

function nextReadOut(state: ThesisState, plan: StagePlan, now: Instant): Instant {
  if (state.readOutDue !== null) return now;
  const tick = later(state.collectedAt ?? state.stageSince, milliseconds(plan.cadence));
  if (state.pause !== null || state.gate !== null) return tick;
  const end = plannedEnd(state, plan, now);
  const last = state.lastReadOut;
  // The plan's end gets a read-out of its own, so that the gate shows all the evidence there will be.
  const endIsRead = last !== null && between(end, last.at) >= 0;
  return endIsRead || between(tick, end) >= 0 ? tick : end;
}

/** The gate opens when a fresh read-out settles the stage after its minimum, or at the plan's end. */
function gateAppointment(state: ThesisState, plan: StagePlan, now: Instant): Appointment | null {
  const { lastReadOut, advice, gateNotBefore } = state;
  if (state.pause !== null || state.readOutDue !== null) return null;
  if (lastReadOut === null || advice === null) return null;
  const ended = between(plannedEnd(state, plan, lastReadOut.at), lastReadOut.at) >= 0;
  if (ended) return { do: 'open_gate', at: now };
  if (!settles(lastReadOut.criteria, advice)) return null;
  const minimum = later(now, milliseconds(plan.minimumDuration) - elapsed(state, now));
  const at = gateNotBefore !== null && between(minimum, gateNotBefore) > 0 ? gateNotBefore : minimum;
  return { do: 'open_gate', at: between(at, now) > 0 ? now : at };
}

function standingSince(state: ThesisState): Instant | null {
  const since = [state.pause?.since, state.hold?.since].filter((at) => at !== undefined);
  return since.length === 0 ? null : since.reduce((a, b) => (between(a, b) < 0 ? b : a));
}
