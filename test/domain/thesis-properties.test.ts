// The promise of the cycle, over random lives: nothing but an eligible human vote, or a rule that a policy allows below
// its spend level on passing criteria, ever advances a thesis. The counting here is kept apart from the code it judges.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gate } from '../../domain/gate.ts';
import { isGated, STAGES } from '../../domain/stage.ts';
import type { RecordedEvent, ThesisEvent, ThesisEventType } from '../../domain/thesis.ts';
import { contracts, live, lives, type Witness, withoutPeople } from '../support/random-life.ts';
import { OWNER } from '../support/small-contract.ts';
import type { Given } from '../support/thesis.ts';
import type { Step } from '../support/thesis-steps.ts';

const RUNS = { numRuns: 1_200 };

type EventOf<T extends ThesisEventType> = Extract<ThesisEvent, { type: T }>;

function isAdvance(event: ThesisEvent): boolean {
  return event.type === 'RolledOut' || (event.type === 'StageEntered' && event.stage !== 'retex');
}

function isDecided(event: ThesisEvent): event is EventOf<'GateDecided'> {
  return event.type === 'GateDecided';
}

/** The advance in these events was earned: by votes that count, or by a rule that was allowed to. */
function expectEarned(before: Given, step: Step, events: readonly ThesisEvent[]): 'votes' | 'rules' {
  const decided = events.find(isDecided);
  if (decided === undefined) throw new Error('advanced without a decision');
  expect(['advance', 'advance_with_conditions']).toContain(decided.outcome.decision);
  expect(before.state.hold).toBeNull();
  if (events.some(({ type }) => type === 'RolledOut')) expectSoaked(before.journal);
  if (decided.outcome.by === 'votes') expectVoted(before, step);
  else if (decided.outcome.by === 'rules') expectAllowed(before, step, events);
  else throw new Error(`advanced by ${decided.outcome.by}`);
  return decided.outcome.by;
}

/** A person's act at an open gate completed a majority of those who may vote, as the policy asks. */
function expectVoted({ state, now }: Given, step: Step): void {
  const command = step.command(state, now);
  const { gate } = state;
  if (gate === null) throw new Error('advanced by votes without a gate');
  expect(['DecideGate', 'Recuse']).toContain(command.type);
  expect(step.asking.by).not.toBe('jalon');
  expect(gate.evidenceHash).not.toBe('');
  const stepping = command.type === 'Recuse' ? [step.asking.by] : [];
  const excluded = [OWNER, ...gate.recused, ...stepping];
  const given = new Map<string, string>();
  const cast = command.type === 'DecideGate' ? [...gate.votes, command.vote] : gate.votes;
  for (const { member, ballot, evidenceHash } of cast) {
    const speaksFor = seated(gate, member, excluded);
    if (speaksFor !== null && evidenceHash === gate.evidenceHash) given.set(speaksFor, ballot);
  }
  const counted = [...given.values()];
  const supporters = counted.filter((ballot) => ballot.startsWith('advance'));
  const opposed = counted.filter((ballot) => !ballot.startsWith('advance') && ballot !== 'abstain');
  expect(supporters.length).toBeGreaterThan(opposed.length);
  const present = gate.seats.reduce((total, { seat, count }) => {
    const left = gate.committee.holders.filter((one) => one.seat === seat && !excluded.includes(one.member));
    return total + Math.min(count, left.length);
  }, 0);
  expect(counted.length).toBeGreaterThanOrEqual(Math.min(gate.policy.quorum, present));
  const { threshold } = gate.policy;
  if (threshold.kind === 'unanimity') expect(opposed).toEqual([]);
  if (threshold.kind === 'at_least') expect(supporters.length).toBeGreaterThanOrEqual(Math.min(2, present));
}

/** The holder whose seat this member speaks for: their own, or one that was lent to them. */
function seated(
  { committee, delegations }: Gate,
  member: string,
  excluded: readonly string[],
): string | null {
  if (excluded.includes(member)) return null;
  if (committee.holders.some((holder) => holder.member === member)) return member;
  const lender = delegations.findLast(({ to }) => to === member)?.from;
  return lender === undefined || excluded.includes(lender) ? null : lender;
}

/** The gate opened in mode auto, below its level, and every decisive criterion of the last read-out had passed. */
function expectAllowed(before: Given, step: Step, events: readonly ThesisEvent[]): void {
  expect(step.command(before.state, before.now).type).toBe('OpenGate');
  const opened = events.find((event) => event.type === 'GateOpened');
  expect(opened?.gate.policy.mode).toBe('auto');
  expect(spentBy(before.journal)).toBeLessThan(Number(opened?.gate.policy.autoBelow?.amount));
  const last = before.journal.findLast(({ event }) => event.type === 'StageReadOut')?.event;
  if (last?.type !== 'StageReadOut') throw new Error('advanced by rule without a read-out');
  const decisive = last.readOut.criteria.filter(({ role }) => role === 'success' || role === 'guardrail');
  expect(decisive.map(({ state }) => state)).toEqual(decisive.map(() => 'pass'));
  expect(last.readOut.criteria.filter(({ role, state }) => role === 'stop_loss' && state === 'fail')).toEqual(
    [],
  );
  expect(last.readOut.missingEvidence).toEqual([]);
}

/** The last read-out of every round, added up from the journal alone. */
function spentBy(journal: readonly RecordedEvent[]): number {
  let [total, round] = [0, 0];
  for (const { event } of journal) {
    if (event.type === 'StageReadOut') round = Number(event.readOut.spend.amount);
    if (event.type === 'StageEntered' || event.type === 'StageRefined') [total, round] = [total + round, 0];
  }
  return total + round;
}

/** The ramp went through its last step after it last started. */
function expectSoaked(journal: readonly RecordedEvent[]): void {
  const types = journal.map(({ event }) => (event.type === 'RampStepped' ? event.direction : event.type));
  expect(types.lastIndexOf('RampCompleted')).toBeGreaterThan(types.lastIndexOf('start'));
  expect(types.slice(types.lastIndexOf('start'))).toContain('up');
}

/** What holds after every single thing that is asked for. Plain checks: this runs a hundred thousand times. */
function expectSound(before: Given, step: Step, events: readonly ThesisEvent[], after: Given): void {
  const [was, is] = [before.state, after.state];
  const { contract, ...carried } = is;
  must(isDeepStrictEqual(JSON.parse(JSON.stringify(carried)), carried), 'the state is plain JSON');
  const command = step.command(was, before.now);
  if (command.type === 'RecordReadOut' && events.length > 0) {
    must(
      command.stage === was.stage && command.round === was.round,
      'a read-out of another round is dropped',
    );
  }
  const steps = STAGES.indexOf(is.stage) - STAGES.indexOf(was.stage);
  must(steps >= 0, 'a thesis never goes back to an earlier stage');
  if (isGated(is.stage)) {
    const plan = contract.playbook.stages[is.stage];
    must(steps <= 1, 'no stage is skipped');
    must(is.round <= plan.maximumRefinements, 'no more refinements than the playbook allows');
    must(is.extensions <= plan.maximumExtensions, 'no more extensions than the playbook allows');
    must(is.outcome === null, 'an outcome is reached in retex only');
  } else {
    must(is.outcome !== null, 'retex has an outcome');
    must(is.gate === null && is.hold === null, 'retex has neither gate nor hold');
  }
  must(was.outcome === null || is.outcome === was.outcome, 'an outcome stands');
  must(!is.closed || is.retex === 'completed', 'nothing closes without its retex');
  must(!was.closed || events.length === 0, 'nothing happens to a closed thesis');
  const opened = events.filter(({ type }) => type === 'GateOpened').length;
  must(opened <= (was.gate === null ? 1 : 0), 'one gate is open at a time');
  const up = events.some((event) => event.type === 'RampStepped' && event.direction === 'up');
  const guardrail = is.lastReadOut?.criteria.find(({ role }) => role === 'guardrail');
  must(!up || guardrail?.state === 'pass', 'a budget goes up on passing guardrails only');
}

function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`broken: ${rule}`);
}

function expectWholeJournal({ journal, state }: Given): void {
  expect(journal.map(({ sequence }) => sequence)).toEqual(journal.map((_, index) => index + 1));
  const types = journal.map(({ event }) => event.type);
  const outcomes = types.filter((type) => ['RolledOut', 'ThesisKilled', 'ThesisWithdrawn'].includes(type));
  expect(outcomes.length).toBe(state.outcome === null ? 0 : 1);
  expect(types.filter((type) => type === 'ThesisClosed').length).toBe(state.closed ? 1 : 0);
  if (state.closed) expect(types.slice(-2)).toEqual(['RetexCompleted', 'ThesisClosed']);
}

test('nothing but eligible votes, or an allowed rule on passing criteria, advances a thesis', () => {
  const seen = { votes: 0, rules: 0, rolledOut: 0, silent: 0, held: 0, paused: 0, voided: 0, closed: 0 };
  const count: Partial<Record<ThesisEventType, keyof typeof seen>> = {
    RolledOut: 'rolledOut',
    ThesisHeld: 'held',
    ClockPaused: 'paused',
    VotesVoided: 'voided',
    ThesisClosed: 'closed',
  };
  const witness: Witness = (before, step, events, after) => {
    for (const event of events ?? []) {
      const counter = count[event.type];
      if (counter !== undefined) seen[counter] += 1;
      if (event.type === 'GateDecided' && event.outcome.by === 'silence') seen.silent += 1;
    }
    expectSound(before, step, events ?? [], after);
    if (events?.some(isAdvance)) seen[expectEarned(before, step, events)] += 1;
  };
  fc.assert(
    fc.property(contracts, lives, (contract, episodes) => {
      expectWholeJournal(live(contract, episodes, witness));
    }),
    RUNS,
  );
  // The property must not hold for want of anything happening.
  for (const [what, times] of Object.entries(seen)) expect([what, times > 3]).toEqual([what, true]);
});

describe('without people', () => {
  test('time, outages and read-outs advance nothing where a committee decides', () => {
    const committees = contracts.filter(({ playbook }) => playbook.stages.detect.gate.mode !== 'auto');
    fc.assert(
      fc.property(committees, withoutPeople, (contract, episodes) => {
        const { state } = live(contract, episodes, () => undefined);
        expect(['detect', 'retex']).toContain(state.stage);
        expect([null, 'killed']).toContain(state.outcome);
      }),
      RUNS,
    );
  });

  test('no timer, retry or outage turns a missing verdict into an advance where rules decide', () => {
    const rules = contracts.filter(({ playbook }) => playbook.stages.detect.gate.mode === 'auto');
    const verdict = fc.constantFrom('inconclusive' as const, 'no_data' as const, 'error' as const);
    fc.assert(
      fc.property(rules, withoutPeople, verdict, (contract, episodes, missing) => {
        const clouded = episodes.map((episode) => {
          if (episode.kind === 'step') return episode;
          const states = { ...episode.weather.states, 'ctr-floor': missing };
          return { ...episode, weather: { ...episode.weather, states } };
        });
        const { state } = live(contract, clouded, () => undefined);
        expect(['detect', 'retex']).toContain(state.stage);
        expect([null, 'killed']).toContain(state.outcome);
      }),
      RUNS,
    );
  });
});
