// Random lives of a thesis: read-outs in every state, data outages, timers kept as the workflow keeps them, and people
// who vote, hold, amend, submit and walk away, rightly or wrongly. It lives them; what must hold is for the test.
import fc from 'fast-check';
import { CRITERION_STATES } from '../../domain/criterion.ts';
import { between, DAY, HOUR, later } from '../../domain/duration.ts';
import { BALLOTS, type Ballot, type Committee, GATE_MODES, SILENCES } from '../../domain/gate.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { isGated } from '../../domain/stage.ts';
import { type Appointment, nextAppointment } from '../../domain/thesis/agenda.ts';
import type { SealedContract, ThesisEvent } from '../../domain/thesis.ts';
import { COMMITTEE, contractWith, euros, OWNER } from './small-contract.ts';
import { type Given, given } from './thesis.ts';
import { COMPLETES_RETEX } from './thesis-past.ts';
import {
  asks,
  fallsSilent,
  finds,
  freezesAnew,
  opensGate,
  type Reading,
  readsOut,
  type Step,
  source,
  votes,
} from './thesis-steps.ts';

/** Told of each thing that was asked for: what went before, and what came of it (null: refused). */
export type Witness = (
  before: Given,
  step: Step,
  events: readonly ThesisEvent[] | null,
  after: Given,
) => void;

/** One thing in a life, and the weather of the read-outs until the next. */
export type Episode =
  | {
      readonly kind: 'wait';
      readonly hours: number;
      /** Ends the wait when a gate opens, so that people find it open. */
      readonly untilGate: boolean;
      readonly weather: Reading;
    }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'late'; readonly weather: Reading };

const COMEX: Committee = {
  ...COMMITTEE,
  name: 'comex',
  holders: [
    { seat: 'growth', member: 'cec' },
    { seat: 'growth', member: 'dan' },
    { seat: 'finance', member: 'eva' },
  ],
};

/** The owner sits on the committee as well: four-eyes is for the gate to keep. */
const GROWTH_COMMITTEE: Committee = {
  ...COMMITTEE,
  holders: [...COMMITTEE.holders, { seat: 'growth', member: OWNER }],
};

/** More appointments than this at one instant are a workflow that spins. */
const MOST_AT_ONCE = 15;

const PEOPLE = ['ann', 'ben', 'fay', 'cec', 'dan', 'eva', 'zoe', OWNER] as const;
const person = fc.constantFrom(...PEOPLE);

export const contracts: fc.Arbitrary<SealedContract> = fc
  .record({
    mode: fc.constantFrom(...GATE_MODES),
    autoBelow: fc.constantFrom('1', '300', '5000'),
    onSilence: fc.constantFrom(...SILENCES),
    quorum: fc.integer({ min: 1, max: 3 }),
    threshold: fc.constantFrom(
      { kind: 'majority' } as const,
      { kind: 'unanimity' } as const,
      { kind: 'at_least', votes: 2 } as const,
    ),
    veto: fc.boolean(),
    onStopLoss: fc.constantFrom('hold', 'kill'),
    maximumExtensions: fc.integer({ min: 0, max: 2 }),
    maximumRefinements: fc.integer({ min: 0, max: 2 }),
    envelope: fc.constantFrom('400', '100000'),
  })
  .map(({ mode, autoBelow, onSilence, quorum, threshold, veto, envelope, ...plan }) =>
    contractWith({
      ...plan,
      envelope: euros(envelope),
      gate: {
        mode,
        onSilence,
        quorum,
        threshold,
        seats: [
          { seat: 'growth', count: 2, veto: false },
          { seat: 'finance', count: 1, veto },
        ],
        escalation: { committee: 'comex', deadline: 'P5D' },
        ...(mode === 'auto' ? { autoBelow: euros(autoBelow) } : {}),
      },
    }),
  );

const state = fc.oneof(
  { weight: 5, arbitrary: fc.constant('pass' as const) },
  { weight: 2, arbitrary: fc.constantFrom(...CRITERION_STATES) },
);

const weathers: fc.Arbitrary<Reading> = fc
  .record({
    ctr: state,
    cac: state,
    loss: fc.oneof({ weight: 10, arbitrary: fc.constant('pass' as const) }, state),
    breach: fc.constantFrom('soft', 'hard'),
    spend: fc.constantFrom('0', '50', '120', '399'),
    sources: fc.oneof(
      { weight: 6, arbitrary: fc.constant([source('fresh')]) },
      { weight: 1, arbitrary: fc.constantFrom([source('stale')], [source('failing')]) },
    ),
    missingEvidence: fc.oneof(
      { weight: 8, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constant(['clicks' as const]) },
    ),
    met: fc.boolean(),
  })
  .map(({ ctr, cac, loss, met, ...reading }) => ({
    ...reading,
    states: { 'ctr-floor': ctr, 'cac-ceiling': cac, 'loss-limit': loss },
    conditionsMet: met ? ['of-ann', 'of-fay'] : [],
  }));

const leaning: fc.Arbitrary<Ballot> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Ballot>('advance', 'advance', 'advance_with_conditions') },
  { weight: 2, arbitrary: fc.constantFrom<Ballot>('extend', 'refine', 'hold') },
  { weight: 1, arbitrary: fc.constantFrom(...BALLOTS) },
);

const ballots: fc.Arbitrary<Step> = fc
  .record({ member: person, ballot: leaning, stale: fc.integer({ min: 0, max: 9 }) })
  .map(({ member, ballot, stale }) =>
    votes(member, ballot, stale === 0 ? { evidenceHash: 'another file' } : {}),
  );

/** What people ask for besides voting, and what the platform might say out of turn. */
const others: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ by: person, days: fc.integer({ min: 0, max: 9 }) })
    .map(({ by, days }) =>
      asks(by, (_, now) => ({ type: 'Hold', reason: 'Strike.', until: later(now, days * DAY) })),
    ),
  fc.constantFrom(...PEOPLE, OWNER, OWNER, OWNER).map((by) => asks(by, { type: 'Resume', reason: 'Over.' })),
  person.map((by) => asks(by, { type: 'SubmitEvidence', submission: 's-1', metrics: ['clicks'] })),
  fc.record({ by: person, ahead: fc.integer({ min: 0, max: 2 }) }).map(({ by, ahead }) =>
    asks(by, ({ contract }) => ({
      type: 'Amend',
      contract: { ...contract, version: contract.version + ahead, title: `Version ${ahead}` },
      reason: 'The price changed.',
    })),
  ),
  person.map((by) => asks(by, ({ gate }) => ({ type: 'Recuse', gateId: gate?.id ?? '', reason: 'Shares.' }))),
  fc.record({ by: person, to: person }).map(({ by, to }) =>
    asks(by, ({ gate }, now) => ({
      type: 'DelegateSeat',
      gateId: gate?.id ?? '',
      to,
      until: later(now, 2 * DAY),
    })),
  ),
  person.map((by) =>
    asks(by, ({ conditions }) => ({ type: 'MeetCondition', conditionId: conditions[0]?.id ?? 'none' })),
  ),
  fc.constantFrom(
    opensGate(GROWTH_COMMITTEE),
    freezesAnew(),
    fallsSilent(),
    fallsSilent(COMEX),
    finds({ type: 'ExpireHold' }),
    finds({ type: 'CheckConditions' }),
    finds({ type: 'RecordDraft', draft: 'out of turn' }),
    finds(({ gate }) => ({ type: 'RemindVoters', gateId: gate?.id ?? '' })),
  ),
);

const endings: fc.Arbitrary<Step> = fc.constantFrom(
  COMPLETES_RETEX,
  COMPLETES_RETEX,
  asks(OWNER, { type: 'Withdraw', reason: 'Merged.' }),
);

const waits: fc.Arbitrary<Episode> = fc.record({
  kind: fc.constant('wait' as const),
  hours: fc.integer({ min: 1, max: 200 }),
  untilGate: fc.boolean(),
  weather: weathers,
});

const lates: fc.Arbitrary<Episode> = fc.record({ kind: fc.constant('late' as const), weather: weathers });

export const withoutPeople: fc.Arbitrary<Episode[]> = fc.array(
  fc.oneof({ weight: 6, arbitrary: waits }, { weight: 1, arbitrary: lates }),
  { minLength: 5, maxLength: 25, size: 'max' },
);

/** A committee, or some of it, of one mind. */
const meetings: fc.Arbitrary<Episode[]> = fc
  .record({
    members: fc.constantFrom(['ann', 'ben', 'fay'], ['ann', 'fay'], ['fay', 'ben'], ['eva', 'cec', 'dan']),
    ballot: leaning,
  })
  .map(({ members, ballot }) =>
    members.map((member): Episode => ({ kind: 'step', step: votes(member, ballot) })),
  );

const one = (steps: fc.Arbitrary<Step>): fc.Arbitrary<Episode[]> =>
  steps.map((step): Episode[] => [{ kind: 'step', step }]);

export const lives: fc.Arbitrary<Episode[]> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: waits.map((wait) => [wait]) },
      { weight: 6, arbitrary: meetings },
      { weight: 10, arbitrary: one(ballots) },
      { weight: 5, arbitrary: one(others) },
      { weight: 3, arbitrary: lates.map((late) => [late]) },
      { weight: 1, arbitrary: one(endings) },
    ),
    { minLength: 15, maxLength: 60, size: 'max' },
  )
  .map((parts) => parts.flat());

/** Lives the episodes one after the other and returns the end. Throws when the agenda spins. */
export function live(contract: SealedContract, episodes: readonly Episode[], witness: Witness): Given {
  let past = given(contract);
  let remembered = past;
  for (const episode of episodes) {
    if (episode.kind === 'wait') {
      remembered = past;
      past = waited(past, episode, witness);
    } else if (episode.kind === 'step') past = done(past, episode.step, witness);
    else if (isGated(remembered.state.stage)) {
      // A read-out that took as long as everything since the last wait: it began before votes and amendments.
      const began = readsOut({ ...episode.weather, began: remembered.now });
      past = done(past, finds(began.command(remembered.state, remembered.now)), witness);
    }
  }
  return past;
}

type Wait = Extract<Episode, { kind: 'wait' }>;

/** Keeps the appointments of that time, each when it is due, as the workflow does. */
function waited(from: Given, { hours, untilGate, weather }: Wait, witness: Witness): Given {
  const until = later(from.now, hours * HOUR);
  let past = from;
  let atOnce = 0;
  for (;;) {
    const appointment = nextAppointment(past.state, past.now);
    if (appointment === null || between(appointment.at, until) < 0) return past.at(until);
    const isDue = between(appointment.at, past.now) >= 0;
    atOnce = isDue ? atOnce + 1 : 0;
    if (atOnce > MOST_AT_ONCE) throw new Error(`the agenda spins on ${appointment.do}`);
    const { sequence } = past.state;
    past = kept(isDue ? past : past.at(appointment.at), appointment, weather, witness);
    if (past.state.sequence === sequence) throw new Error(`${appointment.do} changed nothing`);
    if (untilGate && appointment.do === 'open_gate' && past.state.gate !== null) return past;
  }
}

const KEEPERS: Record<Appointment['do'], (weather: Reading, past: Given) => readonly Step[]> = {
  read_out: (weather) => [readsOut(weather)],
  open_gate: () => [opensGate(GROWTH_COMMITTEE)],
  refreeze: (weather) => [readsOut(weather), freezesAnew()],
  remind: () => [finds(({ gate }) => ({ type: 'RemindVoters', gateId: gate?.id ?? '' }))],
  close_on_silence: (_, { state: { gate } }) => [
    fallsSilent(gate?.policy.onSilence === 'escalate' && !gate.escalated ? COMEX : null),
  ],
  expire_hold: () => [finds({ type: 'ExpireHold' })],
  check_conditions: () => [finds({ type: 'CheckConditions' })],
  draft_retex: () => [finds({ type: 'RecordDraft', draft: 'draft-1' })],
};

function kept(past: Given, appointment: Appointment, weather: Reading, witness: Witness): Given {
  return KEEPERS[appointment.do](weather, past).reduce((now, step) => done(now, step, witness), past);
}

function done(past: Given, step: Step, witness: Witness): Given {
  const { outcome, accepted } = past.when(step);
  const after = isRefusal(outcome) ? past : accepted();
  witness(past, step, isRefusal(outcome) ? null : outcome, after);
  return after;
}
