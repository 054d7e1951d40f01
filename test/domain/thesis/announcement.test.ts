// What the outside is told: every event has a public name of its own and few facts, and none carries a whole document.
import { expect, test } from 'vitest';
import { ANNOUNCEMENT_TYPES, announcementOf } from '../../../domain/thesis/announcement.ts';
import type { ThesisEvent } from '../../../domain/thesis.ts';
import { EVERY_EVENT } from '../../support/every-event.ts';
import { day } from '../../support/small-contract.ts';

const announce = (event: ThesisEvent) =>
  announcementOf({
    position: 41,
    thesisId: 't-1',
    recorded: { sequence: 7, at: day(3), actor: 'ann', commandId: 'a-key-of-the-caller', event },
  });

const events: readonly ThesisEvent[] = Object.values(EVERY_EVENT);

test('every event has a public name of its own, in dotted lower case', () => {
  const names = events.map((event) => announce(event).type);
  expect(new Set(names).size).toBe(events.length);
  expect([...names].sort()).toEqual([...ANNOUNCEMENT_TYPES].sort());
  for (const name of names) expect(name).toMatch(/^[a-z]+\.[a-z_]+$/);
});

// Receivers have these written down.
test('public names stay as they are', () => {
  expect([...ANNOUNCEMENT_TYPES].sort()).toEqual([
    'condition.added',
    'condition.met',
    'condition.missed',
    'evidence.collected',
    'evidence.submitted',
    'gate.decided',
    'gate.escalated',
    'gate.evidence_refrozen',
    'gate.member_recused',
    'gate.opened',
    'gate.reminded',
    'gate.seat_delegated',
    'gate.vote_cast',
    'gate.vote_refused',
    'gate.votes_voided',
    'ramp.completed',
    'ramp.held',
    'ramp.released',
    'ramp.stepped',
    'retex.completed',
    'retex.drafted',
    'thesis.amended',
    'thesis.clock_paused',
    'thesis.clock_resumed',
    'thesis.closed',
    'thesis.held',
    'thesis.killed',
    'thesis.proposed',
    'thesis.read_out',
    'thesis.resumed',
    'thesis.rolled_out',
    'thesis.stage_entered',
    'thesis.stage_extended',
    'thesis.stage_refined',
    'thesis.stop_loss_tripped',
    'thesis.withdrawn',
  ]);
});

test('an announcement says where, when and by whom, and not under which key', () => {
  expect(announce(EVERY_EVENT.StageEntered)).toEqual({
    position: 41,
    thesisId: 't-1',
    sequence: 7,
    type: 'thesis.stage_entered',
    at: day(3),
    actor: 'ann',
    data: { stage: 'scale' },
  });
});

test('announcements are plain JSON and small, whatever the event carries', () => {
  for (const event of events) {
    const announced = announce(event);
    expect(JSON.parse(JSON.stringify(announced))).toStrictEqual(announced);
    expect(JSON.stringify(announced).length).toBeLessThan(700);
  }
});

test('the proposal names its contract, the gate its committee, the decision what was decided', () => {
  expect(Object.keys(announce(EVERY_EVENT.ThesisProposed).data)).toEqual([
    'owner',
    'title',
    'portfolio',
    'market',
    'playbook',
    'contractVersion',
    'contractHash',
  ]);
  const { gate } = EVERY_EVENT.GateOpened;
  expect(announce(EVERY_EVENT.GateOpened).data).toEqual({
    gateId: gate.id,
    committee: gate.committee.name,
    recommendation: gate.recommendation,
    evidenceHash: gate.evidenceHash,
    contractVersion: 1,
    deadline: gate.deadline,
  });
  expect(announce(EVERY_EVENT.GateDecided).data).toMatchObject({ decision: 'advance', by: 'votes' });
});

test("a vote is announced without the voter's forecast, which is scored at retex", () => {
  const { gateId } = EVERY_EVENT.VoteCast;
  expect(announce(EVERY_EVENT.VoteCast).data).toEqual({
    gateId,
    member: 'ann',
    seat: 'growth',
    ballot: 'advance',
    reason: null,
    via: 'signal',
  });
});
