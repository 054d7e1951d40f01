// What the owner asks for: evidence, holds, conditions met, amendments, withdrawal, and the retex that closes.
import { describe, expect, test } from 'vitest';
import { DAY, later } from '../../domain/duration.ts';
import { elapsed } from '../../domain/thesis/agenda.ts';
import type { SealedContract } from '../../domain/thesis.ts';
import { contractWith, day, OWNER } from '../support/small-contract.ts';
import { type Given, given } from '../support/thesis.ts';
import { atGate, COMPLETES_RETEX, enters, killed, rampSoaked } from '../support/thesis-past.ts';
import {
  asks,
  condition,
  finds,
  opensGate,
  readsOut,
  type Step,
  source,
  votes,
} from '../support/thesis-steps.ts';

const hold = (until: string | null = day(9), reason = 'Strike.'): Step =>
  asks(OWNER, { type: 'Hold', reason, until });
const resume = (reason = 'The strike is over.'): Step => asks(OWNER, { type: 'Resume', reason });

test('what belongs to the owner is refused to others, and allowed to an administrator', () => {
  const withdraw = { type: 'Withdraw', reason: 'Merged.' } as const;
  given().when(asks('ann', withdraw)).thenRefused('not_owner');
  given().when(asks('admin', withdraw)).thenEvents({ type: 'ThesisWithdrawn', by: 'admin' }, 'StageEntered');
  for (const step of [hold(), resume(), amend(contractWith()), COMPLETES_RETEX]) {
    given()
      .when({ ...step, asking: asks('ann', withdraw).asking })
      .thenRefused('not_owner');
  }
});

describe('a hold', () => {
  test('has a reason and an end, and there is one at a time', () => {
    given()
      .when(hold(day(9), ' '))
      .thenRefused('reason_required');
    given().when(hold(null)).thenRefused('hold_expiry_required');
    given()
      .at(day(9))
      .when(hold(day(9)))
      .thenRefused('hold_expiry_required');
    const { state } = given()
      .at(day(2))
      .when(hold())
      .thenEvents({ type: 'ThesisHeld', by: OWNER, until: day(9) });
    expect(state.hold).toEqual({ by: OWNER, reason: 'Strike.', since: day(2), until: day(9) });
    given().and(hold()).when(hold()).thenRefused('already_held');
  });

  test('stops the clock and makes a read-out due when it ends', () => {
    const { state } = given()
      .at(day(2))
      .and(hold())
      .at(day(5))
      .when(resume())
      .thenEvents({ type: 'ThesisResumed', by: OWNER, heldFor: 3 * DAY });
    expect(state).toMatchObject({ hold: null, readOutDue: day(5) });
    expect(elapsed(state, day(6))).toBe(3 * DAY);
  });

  test('ends with a reason, or by itself at its end', () => {
    given().when(resume()).thenRefused('not_held');
    given().and(hold()).when(resume(' ')).thenRefused('reason_required');
    const expires = finds({ type: 'ExpireHold' });
    given().when(expires).thenEvents();
    given()
      .and(hold())
      .at(later(day(9), -1))
      .when(expires)
      .thenEvents();
    given()
      .and(hold())
      .at(day(9))
      .when(expires)
      .thenEvents({ type: 'ThesisResumed', by: 'jalon', heldFor: 9 * DAY });
  });

  test('by stop-loss never ends by itself', () => {
    const stopped = given().and(readsOut({ spend: '1001' }));
    stopped
      .at(day(400))
      .when(finds({ type: 'ExpireHold' }))
      .thenEvents();
  });

  test('within a data outage counts once', () => {
    const paused = given()
      .at(day(2))
      .and(readsOut({ sources: [source('stale')] }));
    const resumed = paused
      .at(day(3))
      .and(hold(day(8)))
      .at(day(6))
      .when(resume())
      .thenEvents({ type: 'ThesisResumed', heldFor: 0 });
    expect(elapsed(resumed.state, day(7))).toBe(2 * DAY);
    const back = resumed.at(day(9)).and(readsOut());
    expect(elapsed(back.state, day(10))).toBe(3 * DAY);
  });

  test('that tripped in the read-out that paused the clock counts once', () => {
    const both = given()
      .at(day(2))
      .and(readsOut({ sources: [source('stale')], spend: '1001' }));
    expect(both.state.hold?.since).toBe(both.state.pause?.since);
    const back = both.at(day(4)).and(resume()).at(day(5)).and(readsOut());
    expect(elapsed(back.state, day(6))).toBe(3 * DAY);
  });

  test('leaves an extension whole', () => {
    const extended = atGate().and(votes('ann', 'extend'), votes('ben', 'extend'));
    expect(extended.state.gateNotBefore).toBe(day(14));
    const resumed = extended
      .at(day(8))
      .and(hold(day(20)))
      .at(day(18))
      .and(resume());
    expect(resumed.state.gateNotBefore).toBe(day(24));
  });
});

describe('a condition of the go', () => {
  const withConditions = (...conditions: ReturnType<typeof condition>[]): Given =>
    atGate().and(votes('ann', 'advance_with_conditions', { conditions }), votes('fay', 'advance'));
  const bound = { metric: 'ctr', comparison: 'at_least', bound: '0.03' } as const;

  test('is declared met by who answers for it, unless a metric says so', () => {
    const past = withConditions(condition('word', day(20)), condition('figure', day(20), bound));
    const met = (conditionId: string) => ({ type: 'MeetCondition', conditionId }) as const;
    past.when(asks('ann', met('word'))).thenRefused('not_owner');
    past.when(asks(OWNER, met('figure'))).thenRefused('condition_unknown');
    past.when(asks(OWNER, met('other'))).thenRefused('condition_unknown');
    const { state } = past.when(asks(OWNER, met('word'))).thenEvents({ type: 'ConditionMet', by: OWNER });
    expect(state.conditions.map(({ id }) => id)).toEqual(['figure']);
  });

  test('with a metric is met by a read-out', () => {
    withConditions(condition('word', day(20)), condition('figure', day(20), bound))
      .at(day(9))
      .when(readsOut({ conditionsMet: ['figure', 'word'] }))
      .thenEvents('EvidenceCollected', 'StageReadOut', {
        type: 'ConditionMet',
        conditionId: 'figure',
        by: 'jalon',
      });
  });

  test('not met by its date holds the thesis until people look at it', () => {
    const past = withConditions(condition('a', day(20)), condition('b', day(30)));
    const check = finds({ type: 'CheckConditions' });
    past
      .at(later(day(20), -1))
      .when(check)
      .thenEvents();
    const { state } = past
      .at(day(20))
      .when(check)
      .thenEvents(
        { type: 'ConditionMissed', conditionId: 'a' },
        { type: 'ThesisHeld', by: 'jalon', until: null },
      );
    expect(state.conditions.map(({ id }) => id)).toEqual(['b']);
    past
      .at(day(19))
      .and(hold(day(40)))
      .at(day(20))
      .when(check)
      .thenEvents('ConditionMissed');
  });
});

test('a condition of the roll-out does not hold a thesis that is in its retex', () => {
  const { state } = rampSoaked()
    .at(day(28))
    .and(readsOut(), opensGate(), votes('ann', 'advance_with_conditions'), votes('fay', 'advance'))
    .at(day(40))
    .when(finds({ type: 'CheckConditions' }))
    .thenEvents();
  expect(state).toMatchObject({ stage: 'retex', outcome: 'industrialised', hold: null });
});

describe('an amendment', () => {
  test('is a new version: votes are void, a read-out is due, and the gate is frozen anew', () => {
    const { state } = atGate()
      .and(votes('ann', 'advance'))
      .when(amend(amended()))
      .thenEvents({ type: 'ContractAmended', by: OWNER }, { type: 'VotesVoided', members: ['ann'] });
    expect(state.contract.version).toBe(2);
    expect(state.readOutDue).toBe(day(7));
    given().when(amend(amended())).thenEvents('ContractAmended');
  });

  test('that a read-out has not seen keeps the gate shut', () => {
    const past = given().at(day(7)).and(readsOut(), amend(amended()));
    past.when(opensGate()).thenRefused('not_in_this_stage');
  });

  test('follows the present version, with a reason', () => {
    given()
      .when(amend(amended({ version: 3 })))
      .thenRefused('stale_version');
    given().when(amend(amended(), ' ')).thenRefused('reason_required');
  });

  test('changes neither the currency, nor the playbook, nor a stage already passed', () => {
    given()
      .when(amend(amended({ currency: 'USD' })))
      .thenRefused('amendment_not_possible');
    const { playbook } = contractWith();
    const other = amended({ playbook: { ...playbook, name: 'other' } });
    given().when(amend(other)).thenRefused('amendment_not_possible');
    const newer = amended({ playbook: { ...playbook, version: playbook.version + 1 } });
    given().when(amend(newer)).thenRefused('amendment_not_possible');
    const past = enters('prototype');
    const rewritten = contractWith({}, { detect: { hypothesis: 'There was always a demand.' } });
    past.when(amend({ ...rewritten, version: 2 })).thenRefused('amendment_not_possible');
    const ahead = contractWith({}, { prototype: { hypothesis: 'They click.' } });
    past.when(amend({ ...ahead, version: 2 })).thenEvents('ContractAmended');
  });

  test('takes a passed stage whose keys come in another order for the same stage', () => {
    const backwards: SealedContract = JSON.parse(
      JSON.stringify(amended(), (_, value) =>
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).toReversed())
          : value,
      ),
    );
    enters('prototype').when(amend(backwards)).thenEvents('ContractAmended');
  });
});

describe('the end', () => {
  test('a withdrawal goes to retex, with a reason, from a hold and from an open gate too', () => {
    const withdraw = (reason: string) => asks(OWNER, { type: 'Withdraw', reason });
    given().when(withdraw(' ')).thenRefused('reason_required');
    for (const past of [given(), given().and(hold()), atGate()]) {
      const { state } = past
        .when(withdraw('Merged.'))
        .thenEvents({ type: 'ThesisWithdrawn', by: OWNER }, { type: 'StageEntered', stage: 'retex' });
      expect(state).toMatchObject({ outcome: 'withdrawn', gate: null, hold: null, closed: false });
    }
  });

  test('the retex is drafted once, and only in retex', () => {
    const drafts = finds({ type: 'RecordDraft', draft: 'draft-1' });
    given().when(drafts).thenEvents();
    const ended = given().and(asks(OWNER, { type: 'Withdraw', reason: 'Merged.' }));
    const { state } = ended.when(drafts).thenEvents({ type: 'RetexDrafted', draft: 'draft-1' });
    expect(state.retex).toBe('drafted');
    killed().when(drafts).thenEvents();
  });

  test('nothing closes without its learnings: killed, withdrawn and rolled out alike', () => {
    given().when(COMPLETES_RETEX).thenRefused('not_in_this_stage');
    const withdrawn = given().and(asks(OWNER, { type: 'Withdraw', reason: 'Merged.' }));
    withdrawn.when(COMPLETES_RETEX).thenRefused('not_in_this_stage');
    const empty = { type: 'CompleteRetex', summary: ' ', learnings: [], tags: [] } as const;
    const { fields } = killed().when(asks(OWNER, empty)).thenRefused('retex_incomplete');
    expect(fields?.map(({ path }) => path)).toEqual(['summary', 'learnings', 'tags']);
    const drafts = finds({ type: 'RecordDraft', draft: 'draft-1' });
    const rolledOut = rampSoaked()
      .at(day(28))
      .and(readsOut(), opensGate(), votes('ann', 'advance'), votes('fay', 'advance'), drafts);
    for (const [past, outcome] of [
      [killed(), 'killed'],
      [withdrawn.and(drafts), 'withdrawn'],
      [rolledOut, 'industrialised'],
    ] as const) {
      const { state } = past
        .when(COMPLETES_RETEX)
        .thenEvents({ type: 'RetexCompleted', by: OWNER }, { type: 'ThesisClosed', outcome });
      expect(state).toMatchObject({ closed: true, retex: 'completed', outcome });
    }
  });

  test('retex takes no evidence, hold, amendment or withdrawal', () => {
    const evidence = asks(OWNER, { type: 'SubmitEvidence', submission: 's-1', metrics: ['clicks'] });
    const withdraw = asks(OWNER, { type: 'Withdraw', reason: 'Again.' });
    for (const step of [evidence, hold(day(30)), amend(amended()), withdraw]) {
      killed().when(step).thenRefused('not_in_this_stage');
    }
  });

  test('a closed thesis refuses everything', () => {
    const closed = killed().and(COMPLETES_RETEX);
    for (const step of [COMPLETES_RETEX, hold(day(30)), votes('ann', 'advance'), opensGate()]) {
      closed.when(step).thenRefused('thesis_closed');
    }
  });
});

function amended(changes: Partial<SealedContract> = {}): SealedContract {
  return { ...contractWith(), version: 2, hash: 'e'.repeat(64), ...changes };
}

function amend(contract: SealedContract, reason = 'The price changed.'): Step {
  return asks(OWNER, { type: 'Amend', contract, reason });
}
