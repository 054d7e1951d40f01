// What a read-out means at once: the clock that pauses and resumes with the data, stop-loss, the ramp's steps, and
// conditions met or missed. Never a decision: it may hold or kill by rule, it never advances a thesis.

import type { CriterionResult } from '../criterion.ts';
import { between, type Instant, milliseconds } from '../duration.ts';
import { compare, type Money } from '../money.ts';
import type { StagePlan } from '../playbook.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { isGated } from '../stage.ts';
import type { Ramp, ReadOutDigest, SourceStatus, ThesisEvent, ThesisState } from '../thesis.ts';
import { advise } from './advice.ts';
import { planOf } from './agenda.ts';
import type { PlatformCommand } from './command.ts';
import { voidVotes } from './decide-gate.ts';
import { evolve } from './evolve.ts';
import { stageSpend } from './spend.ts';

type RecordReadOut = Extract<PlatformCommand, { type: 'RecordReadOut' }>;

export function recordReadOut(
  before: ThesisState,
  command: RecordReadOut,
  now: Instant,
): readonly ThesisEvent[] | Refusal {
  const plan = planOf(before);
  if (plan === null || before.hold !== null)
    return refuse('not_in_this_stage', 'No stage is being read out.');
  if (command.stage !== before.stage || command.round !== before.round) {
    const detail = `${command.stage}, round ${command.round} was left while it was read out.`;
    return refuse('not_in_this_stage', detail);
  }
  const events: ThesisEvent[] = [];
  let state = before;
  const happen = (...happened: ThesisEvent[]): void => {
    for (const event of happened) {
      events.push(event);
      state = evolve(state, event, now);
    }
  };
  happen({ type: 'EvidenceCollected', sources: command.sources, rows: command.rows });
  happen(...clock(state, command.sources, command.shiftedDeadline, now));
  const stopped = stopLoss(state, plan, command.readOut);
  happen(...rampMoves(state, plan, command.readOut, stopped.length > 0, now));
  const advice = advise(command.readOut.criteria, plan, {
    refinementsLeft: plan.maximumRefinements - state.round,
    extensionsLeft: plan.maximumExtensions - state.extensions,
    rampComplete: plan.ramp.length === 0 ? null : state.ramp?.complete === true,
    missingEvidence: command.readOut.missingEvidence,
  });
  happen({ type: 'StageReadOut', readOut: command.readOut, advice });
  happen(...metConditions(state, command.readOut));
  happen(...stopped);
  // An open gate must show the recommendation that stands: when it turns, the file is frozen anew.
  const turned = state.gate !== null && state.gate.recommendation !== advice.decision;
  if (stopped.length === 0 && turned)
    happen(...voidVotes(state, `the recommendation became ${advice.decision}`));
  return events;
}

/** Conditions at their date: an unmet one holds the thesis until people look at it. */
export function checkConditions(state: ThesisState, now: Instant): readonly ThesisEvent[] {
  // A thesis in retex has nothing left to hold.
  if (!isGated(state.stage)) return [];
  const overdue = state.conditions.filter(({ due }) => between(due, now) >= 0);
  const missed = overdue.map(
    ({ id, owner, text, due }): ThesisEvent => ({
      type: 'ConditionMissed',
      conditionId: id,
      reason: `${text} (${owner}) was not met by ${due}.`,
    }),
  );
  if (missed.length === 0) return [];
  const reason = `A condition of the go was missed: ${overdue.map(({ text }) => text).join('; ')}`;
  return state.hold === null ? [...missed, { type: 'ThesisHeld', by: 'jalon', reason, until: null }] : missed;
}

function clock(
  state: ThesisState,
  sources: readonly SourceStatus[],
  deadline: Instant | null,
  now: Instant,
): ThesisEvent[] {
  const missing = sources.filter(({ required, state: condition }) => required && condition !== 'fresh');
  if (missing.length > 0 && state.pause === null) {
    const reason = missing.map(({ source, reason: why }) => `${source}: ${why ?? 'stale'}`).join('; ');
    return [{ type: 'ClockPaused', reason, sources: missing.map(({ source }) => source) }];
  }
  if (missing.length === 0 && state.pause !== null) {
    return [{ type: 'ClockResumed', pausedFor: between(state.pause.since, now), deadline }];
  }
  return [];
}

/**
 * Guardrails move the budget: a hard breach steps back, a soft one holds, and so does a guardrail without a verdict;
 * a soaked step goes up, unless a stop-loss trips at the same read-out.
 */
function rampMoves(
  state: ThesisState,
  plan: StagePlan,
  { criteria }: ReadOutDigest,
  tripped: boolean,
  now: Instant,
): ThesisEvent[] {
  const { ramp } = state;
  if (ramp === null || ramp.complete || state.pause !== null) return [];
  const guardrails = criteria.filter(({ role }) => role === 'guardrail');
  const breached = guardrails.filter(({ state: result }) => result === 'fail');
  if (breached.length > 0) return breach(plan, ramp, breached);
  const open = guardrails.filter(({ state: result }) => result !== 'pass');
  if (open.length > 0) return rampHold(ramp, open);
  if (tripped) return [];
  if (ramp.held) return [{ type: 'RampReleased', step: ramp.step }];
  const present = plan.ramp[ramp.step];
  if (present === undefined || between(ramp.since, now) < milliseconds(present.soak)) return [];
  const next = plan.ramp[ramp.step + 1];
  if (next === undefined) return [{ type: 'RampCompleted', budget: present.budget }];
  const reason = `Every guardrail passed for ${present.soak}.`;
  return [{ type: 'RampStepped', step: ramp.step + 1, direction: 'up', budget: next.budget, reason }];
}

function breach(plan: StagePlan, ramp: Ramp, breached: readonly CriterionResult[]): ThesisEvent[] {
  const lower = plan.ramp[ramp.step - 1];
  if (breached.some((result) => result.breach === 'hard') && lower !== undefined) {
    const reason = reasonOf(breached);
    return [{ type: 'RampStepped', step: ramp.step - 1, direction: 'back', budget: lower.budget, reason }];
  }
  return rampHold(ramp, breached);
}

function rampHold({ step, held }: Ramp, because: readonly CriterionResult[]): ThesisEvent[] {
  return held ? [] : [{ type: 'RampHeld', step, reason: reasonOf(because) }];
}

function reasonOf(results: readonly CriterionResult[]): string {
  return results.map(({ reason }) => reason).join(' ');
}

function metConditions(state: ThesisState, { conditionsMet }: ReadOutDigest): ThesisEvent[] {
  return state.conditions
    .filter(({ id, metric }) => metric !== null && conditionsMet.includes(id))
    .map(({ id }) => ({ type: 'ConditionMet', conditionId: id, by: 'jalon' }));
}

/** A breached envelope or stop-loss criterion acts at once, whatever the cadence and whatever gate is open. */
function stopLoss(state: ThesisState, plan: StagePlan, { criteria, spend }: ReadOutDigest): ThesisEvent[] {
  const { stage } = state;
  if (!isGated(stage)) return [];
  const tripped = criteria.filter(({ role, state: result }) => role === 'stop_loss' && result === 'fail');
  const reasons = tripped.map(({ reason }) => reason);
  const spent: Money = stageSpend({ ...state.spend, round: spend });
  if (compare(spent, plan.envelope) > 0) {
    reasons.push(
      `The stage has spent ${spent.amount} ${spent.currency}, more than its envelope of ${plan.envelope.amount}.`,
    );
  }
  if (reasons.length === 0) return [];
  const reason = reasons.join(' ');
  const action = plan.onStopLoss;
  const trip: ThesisEvent = { type: 'StopLossTripped', reason, action };
  if (action === 'hold') return [trip, { type: 'ThesisHeld', by: 'jalon', reason, until: null }];
  return [
    trip,
    { type: 'ThesisKilled', stage, by: 'stop_loss', reason },
    { type: 'StageEntered', stage: 'retex' },
  ];
}
