// What is asked of a thesis in the tests of the cycle, by people and by the platform, as it depends on where the
// thesis stands: a vote names the gate that is open, a read-out the stage that it reads.

import type { Criterion, CriterionResult, CriterionState } from '../../domain/criterion.ts';
import { DAY, type Instant, later } from '../../domain/duration.ts';
import type { Ballot, Committee, Condition } from '../../domain/gate.ts';
import type { DecimalText } from '../../domain/money.ts';
import type { StagePlan } from '../../domain/playbook.ts';
import { type Asking, PLATFORM, type ThesisCommand, type VoteProposal } from '../../domain/thesis/command.ts';
import { gateIdOf } from '../../domain/thesis/decide-gate.ts';
import type { ReadOutDigest, SourceStatus, ThesisState } from '../../domain/thesis.ts';
import { COMMITTEE, euros, OWNER, THESIS } from './small-contract.ts';

/** What somebody asks, or the platform finds, as it depends on where the thesis stands. */
export interface Step {
  readonly asking: Asking;
  readonly command: (state: ThesisState, now: Instant) => ThesisCommand;
}

/** A person asks. */
export function asks(by: string, command: ThesisCommand | Step['command']): Step {
  const asking: Asking = { by, admin: by === 'admin', commandId: null, via: 'update' };
  return { asking, command: typeof command === 'function' ? command : () => command };
}

/** The platform found something out. */
export function finds(command: ThesisCommand | Step['command']): Step {
  return { asking: PLATFORM, command: typeof command === 'function' ? command : () => command };
}

export interface Reading {
  /** State by criterion id; those not named pass. */
  readonly states?: Readonly<Record<string, CriterionState>>;
  readonly breach?: 'soft' | 'hard';
  readonly spend?: DecimalText;
  readonly sources?: readonly SourceStatus[];
  readonly missingEvidence?: ReadOutDigest['missingEvidence'];
  readonly conditionsMet?: readonly string[];
  /** When the read-out began; now if absent. */
  readonly began?: Instant;
  readonly shiftedDeadline?: Instant | null;
}

export function source(state: SourceStatus['state'], changes: Partial<SourceStatus> = {}): SourceStatus {
  const reason = state === 'fresh' ? null : 'no rows since Monday';
  return { source: 'ads', state, required: true, watermark: null, reason, ...changes };
}

/** The stage is read out; everything passes unless the reading says otherwise. */
export function readsOut(reading: Reading = {}): Step {
  return finds(({ stage, round, contract }, now) => {
    if (stage === 'retex') throw new Error('retex is not read out');
    return {
      type: 'RecordReadOut',
      stage,
      round,
      sources: reading.sources ?? [source('fresh')],
      rows: 10,
      readOut: digest(contract.playbook.stages[stage], reading, now),
      shiftedDeadline: reading.shiftedDeadline ?? null,
    };
  });
}

function digest({ criteria }: StagePlan, reading: Reading, now: Instant): ReadOutDigest {
  return {
    at: reading.began ?? now,
    criteria: criteria.map((criterion) => resultOf(criterion, reading)),
    spend: euros(reading.spend ?? '100'),
    experimentComplete: null,
    conditionsMet: reading.conditionsMet ?? [],
    missingEvidence: reading.missingEvidence ?? [],
  };
}

function resultOf({ id, metric, role, onFail }: Criterion, { states, breach }: Reading): CriterionResult {
  const state = states?.[id] ?? 'pass';
  return {
    id,
    metric,
    role,
    onFail,
    state,
    breach: state === 'fail' ? (breach ?? 'hard') : null,
    brokenInARow: state === 'fail' ? 1 : 0,
    observed: '0.03',
    bound: '0.02',
    sample: 1_000,
    grade: 'attributed',
    reason: `${id}: ${state}.`,
  };
}

/** The gate opens, for five days, with a reminder after three. */
export function opensGate(committee: Committee = COMMITTEE): Step {
  return finds((state, now) => ({
    type: 'OpenGate',
    gateId: gateIdOf(state),
    evidenceHash: `file-${state.sequence}`,
    committee,
    deadline: later(now, 5 * DAY),
    reminders: [later(now, 3 * DAY)],
  }));
}

export function freezesAnew(): Step {
  return finds(({ gate, sequence }) => ({
    type: 'RefreezeGate',
    gateId: gate?.id ?? 'none',
    evidenceHash: `file-${sequence}`,
  }));
}

/** Nobody acted by the deadline. */
export function fallsSilent(escalation: Committee | null = null): Step {
  return finds(({ gate }, now) => ({
    type: 'CloseOnSilence',
    gateId: gate?.id ?? 'none',
    escalation: escalation && { committee: escalation, deadline: later(now, 5 * DAY) },
  }));
}

/** A vote that carries what its ballot needs, on the file that the gate shows. */
export function votes(member: string, ballot: Ballot, changes: Partial<VoteProposal> = {}): Step {
  return asks(member, ({ gate }, now) => ({
    type: 'DecideGate',
    vote: {
      member,
      gateId: gate?.id ?? `${THESIS}.1`,
      evidenceHash: gate?.evidenceHash ?? 'none',
      ballot,
      reason: 'because',
      conditions: ballot === 'advance_with_conditions' ? [condition(`of-${member}`, later(now, DAY))] : [],
      holdUntil: ballot === 'hold' ? later(now, 10 * DAY) : null,
      probability: null,
      expectedMargin: null,
      ...changes,
    },
  }));
}

export function condition(id: string, due: Instant, metric: Condition['metric'] = null): Condition {
  return { id, owner: OWNER, due, text: `meet ${id}`, metric };
}
