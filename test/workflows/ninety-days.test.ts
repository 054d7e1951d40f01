// Whole cycles of ninety days and more, on a Temporal server that skips time: real workflow, activities and database.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../db/ledger.ts';
import type { Instant } from '../../domain/duration.ts';
import { CMO_CYCLE } from '../../domain/playbook/cmo-cycle.ts';
import type { Contract } from '../../domain/thesis.ts';
import { type Cycle, daily, OWNER, VOTERS } from '../support/cycle.ts';
import { eventsOf, type SkippedTime, startSkippedTime } from '../support/skipped-time.ts';

const contract: Contract = {
  version: 1,
  title: 'Refurbished phones by subscription',
  statement: 'People of 25 to 34 in Lyon subscribe, at a CAC under 40 EUR.',
  portfolio: 'Circular economy',
  market: 'Lyon',
  channels: [],
  tags: [],
  currency: 'EUR',
  playbook: CMO_CYCLE,
  sources: [],
  businessCase: {},
  economics: { ltv: 'orders_over_horizon', ordersPerCustomer: '6', months: 12 },
};

let time: SkippedTime;
let cycle: Cycle;

beforeAll(async () => {
  time = await startSkippedTime('ninety-days');
  cycle = time.cycle;
});

afterAll(async () => {
  await time?.close();
});

describe('a thesis whose evidence holds', () => {
  test('lives from proposal to roll-out and closes with its retex', async () => {
    const id = 'winner';
    await cycle.propose(id, contract);
    await detectDemand(id);
    await time.untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance', probability: 0.6 });

    expect((await cycle.thesis(id)).view.stage).toBe('prototype');
    await time.days(15, (now) => prototypeDays(id, now));
    await time.untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance' });

    expect((await cycle.thesis(id)).view.stage).toBe('measure');
    await time.days(29, (now) => measureDays(id, now));
    await time.untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance' });

    expect((await cycle.thesis(id)).view).toMatchObject({ stage: 'scale', ramp: { step: 1, of: 4 } });
    for (let step = 1; step <= 4; step += 1) await time.days(15, (now) => scaleDays(id, now));
    await time.untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance' });

    const { view } = await cycle.thesis(id);
    expect(view).toMatchObject({ stage: 'retex', outcome: 'industrialised' });
    await time.until(id, ({ waiting }) => waiting.sentence.startsWith('The retex is drafted'));
    await cycle.send(id, completion(), OWNER);
    expect((await cycle.thesis(id)).view.status).toBe('closed');

    const journal = await cycle.journal(id);
    const steps = eventsOf(journal, 'RampStepped').map(({ step, direction }) => `${direction} ${step}`);
    expect(steps).toEqual(['start 0', 'up 1', 'up 2', 'up 3']);
    expect(eventsOf(journal, 'RolledOut')).toHaveLength(1);
    expect(await verifyLedger(cycle.db)).toMatchObject({ broken: null });
  }, 180_000);
});

describe('a committee that does not answer', () => {
  test('silence kills at detect, at the deadline on the business calendar, and never advances', async () => {
    const id = 'silence';
    await cycle.propose(id, contract);
    await detectDemand(id);
    await time.untilGate(id);
    const { gate } = (await cycle.thesis(id)).view;
    await time.days(10);
    const journal = await cycle.journal(id);
    expect(eventsOf(journal, 'GateReminded').length).toBe(2);
    const decided = journal.find(({ event }) => event.type === 'GateDecided');
    expect(decided?.event).toMatchObject({ outcome: { decision: 'kill', by: 'silence' } });
    expect(Date.parse(decided?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(gate?.deadline ?? ''));
    expect((await cycle.thesis(id)).view).toMatchObject({ stage: 'retex', outcome: 'killed' });
  });
});

describe('no evidence at all', () => {
  test('ends at a gate that recommends more time, and silence does not advance it', async () => {
    const id = 'nothing';
    await cycle.propose(id, contract);
    await time.days(29);
    const { view } = await cycle.thesis(id);
    expect(view.gate?.recommendation).toBe('extend');
    expect(view.stage).toBe('detect');
    await time.days(12);
    expect((await cycle.thesis(id)).view.outcome).toBe('killed');
  });
});

async function detectDemand(id: string): Promise<void> {
  await time.days(14, async (at) => {
    const rows = [
      ...daily('demand_mentions', 1, at, { sum: '40' }),
      ...daily('interviews', 1, at, { sum: '2' }),
      ...daily('interviews_with_need', 1, at, { sum: '1' }),
    ];
    await cycle.observe(id, rows, at);
  });
}

async function prototypeDays(id: string, at: Instant): Promise<void> {
  const rows = [
    ...daily('impressions', 1, at, { sum: '5000' }),
    ...daily('clicks', 1, at, { sum: '100' }),
    ...daily('visitors', 1, at, { sum: '150' }),
    ...daily('conversions', 1, at, { sum: '7' }),
    ...daily('spend', 1, at, { sum: '120', currency: 'EUR' }),
    ...daily('new_customers', 1, at, { sum: '4' }),
  ];
  await cycle.observe(id, rows, at);
}

async function measureDays(id: string, at: Instant): Promise<void> {
  const arms = [
    { arm: 'control', conversions: '60', revenue: '3600' },
    { arm: 'treatment', conversions: '72', revenue: '4100' },
  ];
  const rows = arms.flatMap(({ arm, conversions, revenue }) => [
    ...daily('visitors', 1, at, { sum: '1500' }, arm),
    ...daily('conversions', 1, at, { sum: conversions }, arm),
    ...daily('revenue_per_visitor', 1, at, { n: '1500', sum: revenue, sumSquares: '200000' }, arm),
  ]);
  rows.push(...daily('nps', 1, at, { n: '20', sum: '8', sumSquares: '14' }));
  rows.push(
    ...daily('willingness_to_pay', 1, at, { n: '20', sum: '590', sumSquares: '18700', currency: 'EUR' }),
  );
  await cycle.observe(id, rows, at);
}

async function scaleDays(id: string, at: Instant): Promise<void> {
  const rows = [
    ...daily('spend', 1, at, { sum: '3000', currency: 'EUR' }),
    ...daily('new_customers', 1, at, { sum: '90' }),
    ...daily('orders', 1, at, { sum: '150' }),
    ...daily('revenue', 1, at, { sum: '9000', currency: 'EUR' }),
    ...daily('product_cost', 1, at, { sum: '3000', currency: 'EUR' }),
    ...daily('fulfilment_cost', 1, at, { sum: '600', currency: 'EUR' }),
    ...daily('payment_fees', 1, at, { sum: '150', currency: 'EUR' }),
    ...daily('service_cost', 1, at, { sum: '300', currency: 'EUR' }),
  ];
  await cycle.observe(id, rows, at);
}

function completion() {
  return {
    type: 'CompleteRetex',
    summary: 'The margin holds up to the last step.',
    learnings: [{ topic: 'offer', text: 'A guarantee moved conversion more than a discount.' }],
    tags: ['subscription'],
  } as const;
}
