// What the thesis does at each appointment of its agenda: fetch what deciding needs, then decide. Each entry may be
// run again after a crash: its activities are idempotent and its command is refused when it comes too late.

import type { Instant } from '../domain/duration.ts';
import { isGated } from '../domain/stage.ts';
import type { Appointment } from '../domain/thesis/agenda.ts';
import { planOf } from '../domain/thesis/agenda.ts';
import { PLATFORM } from '../domain/thesis/command.ts';
import { gateIdOf } from '../domain/thesis/decide-gate.ts';
import { spentBeforeRound } from '../domain/thesis/spend.ts';
import type { ThesisState } from '../domain/thesis.ts';
import type { Clock } from './clock.ts';
import type { Journal } from './journal.ts';
import { database, sources } from './profiles.ts';

type Keep = (journal: Journal, state: ThesisState, clock: Clock) => Promise<unknown>;

/** Keeps an appointment that is due. */
export async function keep(appointment: Appointment, journal: Journal, clock: Clock): Promise<void> {
  const { state } = journal;
  if (state !== null) await KEEPERS[appointment.do](journal, state, clock);
}

const KEEPERS: Record<Appointment['do'], Keep> = {
  read_out: readOut,
  open_gate: openGate,
  refreeze: async (journal, state, clock) => {
    if (state.gate === null) return;
    await readOut(journal, state, clock);
    const gateId = state.gate.id;
    // The read-out may have ended the stage, or people may have decided meanwhile: then there is no gate to show it at.
    if (journal.state?.gate?.id !== gateId) return;
    const evidenceHash = await freeze(journal.state, gateId, clock.now());
    await journal.commit({ type: 'RefreezeGate', gateId, evidenceHash }, PLATFORM);
  },
  remind: async (journal, { gate }) => {
    if (gate !== null) await journal.commit({ type: 'RemindVoters', gateId: gate.id }, PLATFORM);
  },
  close_on_silence: closeOnSilence,
  expire_hold: (journal) => journal.commit({ type: 'ExpireHold' }, PLATFORM),
  check_conditions: (journal) => journal.commit({ type: 'CheckConditions' }, PLATFORM),
  draft_retex: async (journal, state) => {
    await journal.settled();
    const draft = await database.draftRetex({ thesisId: state.thesisId });
    await journal.commit({ type: 'RecordDraft', draft }, PLATFORM);
  },
};

async function readOut(journal: Journal, state: ThesisState, clock: Clock): Promise<void> {
  const { thesisId, stage, round, stageSince } = state;
  if (!isGated(stage)) return;
  const now = clock.now();
  const collected = await sources.collectEvidence({ thesisId, stage, from: stageSince, to: now });
  const read = await database.readOutStage({
    thesisId,
    stage,
    round,
    at: now,
    contractVersion: state.contract.version,
    stageSince,
    pausedFor: state.pausedFor,
    spentBefore: spentBeforeRound(state.spend),
    brokenInARow: Object.fromEntries(state.lastReadOut?.criteria.map((c) => [c.id, c.brokenInARow]) ?? []),
    conditions: state.conditions,
  });
  const shiftedDeadline = await deadlineAfterOutage(state, now);
  await journal.commit(
    {
      type: 'RecordReadOut',
      stage,
      round,
      sources: collected.sources,
      rows: collected.rows,
      readOut: read,
      shiftedDeadline,
    },
    PLATFORM,
  );
}

/** Where the open gate's deadline moves if the data outage ends now. */
async function deadlineAfterOutage({ gate, pause }: ThesisState, now: Instant): Promise<Instant | null> {
  if (gate === null || pause === null) return null;
  const { deadline, committee } = gate;
  return await database.moveDeadline({
    deadline,
    pausedSince: pause.since,
    now,
    calendar: committee.calendar,
  });
}

async function openGate(journal: Journal, state: ThesisState, clock: Clock): Promise<void> {
  const plan = planOf(state);
  if (plan === null) return;
  const gateId = gateIdOf(state);
  const now = clock.now();
  const evidenceHash = await freeze(state, gateId, now);
  const { committee, deadline, reminders } = await database.seatCommittee({
    name: plan.gate.committee,
    from: now,
    deadline: plan.gate.deadline,
    reminders: plan.gate.reminders,
  });
  await journal.commit({ type: 'OpenGate', gateId, evidenceHash, committee, deadline, reminders }, PLATFORM);
}

async function freeze(state: ThesisState, gateId: string, now: Instant): Promise<string> {
  const { thesisId, stage, round, lastReadOut, contract, advice } = state;
  if (!isGated(stage)) throw new TypeError(`no gate opens in ${stage}`);
  return await database.freezeEvidence({
    thesisId,
    gateId,
    stage,
    round,
    readOutAt: lastReadOut?.at ?? now,
    contractVersion: contract.version,
    recommendation: advice?.decision ?? 'hold',
  });
}

async function closeOnSilence(journal: Journal, { gate }: ThesisState, clock: Clock): Promise<void> {
  if (gate === null) return;
  const { escalation, onSilence } = gate.policy;
  const escalates = onSilence === 'escalate' && !gate.escalated && escalation !== undefined;
  const seated = escalates
    ? await database.seatCommittee({
        name: escalation.committee,
        from: clock.now(),
        deadline: escalation.deadline,
        reminders: [],
      })
    : null;
  await journal.commit({ type: 'CloseOnSilence', gateId: gate.id, escalation: seated }, PLATFORM);
}
