// What a thesis shows of itself: where it is, since when, what it waits for, for whom, until when, and what
// happens on silence. A pure reading of the state; projected with every event.

import type { Instant } from '../duration.ts';
import { tally } from '../gate/tally.ts';
import type { Condition, Gate, Silence } from '../gate.ts';
import type { Money } from '../money.ts';
import type { Stage } from '../stage.ts';
import type { Advice, Hold, Outcome, ReadOutDigest, SourceStatus, Status, ThesisState } from '../thesis.ts';
import { plannedEnd, planOf } from './agenda.ts';

export interface Waiting {
  readonly for: 'evidence' | 'data' | 'votes' | 'hold' | 'retex' | 'nothing';
  /** A sentence for people. */
  readonly sentence: string;
  /** Members it waits for; empty when it waits for time or data. */
  readonly who: readonly string[];
  readonly since: Instant;
  readonly until: Instant | null;
  /** What happens when nobody acts by `until`. */
  readonly onSilence: Silence | null;
}

export interface ThesisView {
  readonly stage: Stage;
  readonly status: Status;
  readonly outcome: Outcome | null;
  readonly stageSince: Instant;
  readonly round: number;
  readonly extensions: number;
  readonly waiting: Waiting;
  readonly clockPaused: { readonly since: Instant; readonly reason: string } | null;
  readonly hold: Hold | null;
  readonly advice: Advice | null;
  readonly lastReadOut: ReadOutDigest | null;
  readonly sources: readonly SourceStatus[];
  readonly gate: Gate | null;
  readonly conditions: readonly Condition[];
  readonly ramp: {
    readonly step: number;
    readonly of: number;
    readonly budget: Money;
    readonly since: Instant;
  } | null;
  readonly contractVersion: number;
  readonly contractHash: string;
  readonly sequence: number;
}

/** The view at thesis time `now`. */
export function viewOf(state: ThesisState, now: Instant): ThesisView {
  const plan = planOf(state);
  const step = state.ramp === null ? undefined : plan?.ramp[state.ramp.step];
  return {
    stage: state.stage,
    status: statusOf(state),
    outcome: state.outcome,
    stageSince: state.stageSince,
    round: state.round,
    extensions: state.extensions,
    waiting: waitingOf(state, now),
    clockPaused: state.pause === null ? null : { since: state.pause.since, reason: state.pause.reason },
    hold: state.hold,
    advice: state.advice,
    lastReadOut: state.lastReadOut,
    sources: state.sources,
    gate: state.gate,
    conditions: state.conditions,
    ramp:
      state.ramp === null || step === undefined
        ? null
        : {
            step: state.ramp.step + 1,
            of: plan?.ramp.length ?? 0,
            budget: step.budget,
            since: state.ramp.since,
          },
    contractVersion: state.contract.version,
    contractHash: state.contract.hash,
    sequence: state.sequence,
  };
}

function statusOf(state: ThesisState): Status {
  if (state.closed) return 'closed';
  if (state.stage === 'retex') return 'in_retex';
  if (state.hold !== null) return 'on_hold';
  return state.gate === null ? 'collecting' : 'awaiting_decision';
}

function waitingOf(state: ThesisState, now: Instant): Waiting {
  const base = { who: [], since: state.stageSince, until: null, onSilence: null };
  if (state.closed) return { ...base, for: 'nothing', sentence: `Closed: ${state.outcome ?? 'no outcome'}.` };
  if (state.stage === 'retex') return waitingForRetex(state);
  if (state.hold !== null) return waitingOnHold(state.hold, state.owner);
  if (state.pause !== null) {
    const sentence = `The clock stands still: ${state.pause.reason}`;
    return { ...base, for: 'data', sentence, since: state.pause.since };
  }
  if (state.gate !== null) return waitingForVotes(state.gate, now);
  const plan = planOf(state);
  const until = plan === null ? null : plannedEnd(state, plan, now);
  return {
    ...base,
    for: 'evidence',
    sentence: `Collecting the evidence of the ${state.stage} stage.`,
    until,
  };
}

function waitingForRetex({ owner, retex, stageSince }: ThesisState): Waiting {
  const sentence =
    retex === 'drafted'
      ? 'The retex is drafted: its owner completes it with a summary, learnings and tags.'
      : 'The retex is being drafted from the journal.';
  const who = retex === 'drafted' ? [owner] : [];
  return { for: 'retex', sentence, who, since: stageSince, until: null, onSilence: null };
}

function waitingOnHold(hold: Hold, owner: string): Waiting {
  const sentence = `On hold by ${hold.by}: ${hold.reason}`;
  return { for: 'hold', sentence, who: [owner], since: hold.since, until: hold.until, onSilence: null };
}

function waitingForVotes(gate: Gate, now: Instant): Waiting {
  const { waitingFor, quorum } = tally(gate, now);
  const silence = gate.escalated && gate.policy.onSilence === 'escalate' ? 'hold' : gate.policy.onSilence;
  return {
    for: 'votes',
    sentence: `The committee ${gate.committee.name} decides: ${quorum.reached} of ${quorum.needed} votes of the quorum are in.`,
    who: waitingFor,
    since: gate.openedAt,
    until: gate.deadline,
    onSilence: silence,
  };
}
