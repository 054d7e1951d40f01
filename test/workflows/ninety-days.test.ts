// Whole cycles of ninety days and more, on a Temporal server that skips time: real workflow, activities and database.

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../db/ledger.ts';
import { CMO_CYCLE } from '../../domain/cmo-cycle.ts';
import { type Instant, instant } from '../../domain/duration.ts';
import type { Contract, RecordedEvent } from '../../domain/thesis.ts';
import { registerSearchAttributes } from '../../worker/search-attributes.ts';
import { type Cycle, daily, OWNER, startCycle, VOTERS } from '../support/cycle.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';

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

let environment: TestWorkflowEnvironment;
let cycle: Cycle;

beforeAll(async () => {
  environment = await createTimeSkippingEnvironment();
  await registerSearchAttributes(environment.nativeConnection, 'default');
  cycle = await startCycle({
    client: environment.client,
    connection: environment.nativeConnection,
    namespace: 'default',
    taskQueue: 'ninety-days',
    now: () => environment.currentTimeMs(),
  });
});

afterAll(async () => {
  await cycle?.close();
  await environment?.teardown();
});

describe('a thesis whose evidence holds', () => {
  test('lives from proposal to roll-out and closes with its retex', async () => {
    const id = 'winner';
    await cycle.propose(id, contract);
    await detectDemand(id);
    await untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance', probability: 0.6 });

    expect((await cycle.thesis(id)).view.stage).toBe('prototype');
    await passDays(15, (now) => prototypeDays(id, now));
    await untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance' });

    expect((await cycle.thesis(id)).view.stage).toBe('measure');
    await passDays(29, (now) => measureDays(id, now));
    await untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance' });

    expect((await cycle.thesis(id)).view).toMatchObject({ stage: 'scale', ramp: { step: 1, of: 4 } });
    for (let step = 1; step <= 4; step += 1) await passDays(15, (now) => scaleDays(id, now));
    await untilGate(id);
    await cycle.vote(id, VOTERS, { ballot: 'advance' });

    const { view } = await cycle.thesis(id);
    expect(view).toMatchObject({ stage: 'retex', outcome: 'industrialised' });
    await environment.sleep('1 minute');
    await cycle.send(id, completion(), OWNER);
    expect((await cycle.thesis(id)).view.status).toBe('closed');

    const journal = await cycle.journal(id);
    const steps = eventsOf(journal, 'RampStepped').map(({ step, direction }) => `${direction} ${step}`);
    expect(steps).toEqual(['start 0', 'up 1', 'up 2', 'up 3']);
    expect(eventsOf(journal, 'RolledOut')).toHaveLength(1);
    expect(await verifyLedger(cycle.db)).toMatchObject({ broken: null });
  });
});

describe('a committee that does not answer', () => {
  test('silence kills at detect, at the deadline on the business calendar, and never advances', async () => {
    const id = 'silence';
    await cycle.propose(id, contract);
    await detectDemand(id);
    await untilGate(id);
    const { gate } = (await cycle.thesis(id)).view;
    await environment.sleep('10 days');
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
    await environment.sleep('29 days');
    const { view } = await cycle.thesis(id);
    expect(view.gate?.recommendation).toBe('extend');
    expect(view.stage).toBe('detect');
    await environment.sleep('12 days');
    expect((await cycle.thesis(id)).view.outcome).toBe('killed');
  });
});

async function now(): Promise<Instant> {
  return instant(await environment.currentTimeMs());
}

async function passDays(days: number, observe: (now: Instant) => Promise<void>): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await environment.sleep('1 day');
    await observe(await now());
  }
}

/** Lets time pass until a gate is open, at most sixty days. */
async function untilGate(id: string): Promise<void> {
  for (let day = 0; day < 60; day += 1) {
    if ((await cycle.thesis(id)).view.gate !== null) return;
    await environment.sleep('1 day');
  }
  const { view } = await cycle.thesis(id);
  throw new Error(`no gate after sixty days: ${JSON.stringify(view.advice)}`);
}

async function detectDemand(id: string): Promise<void> {
  await passDays(14, async (at) => {
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

type EventOf<T extends RecordedEvent['event']['type']> = Extract<RecordedEvent['event'], { type: T }>;

function eventsOf<T extends RecordedEvent['event']['type']>(
  journal: readonly RecordedEvent[],
  type: T,
): EventOf<T>[] {
  return journal.map(({ event }) => event).filter((event): event is EventOf<T> => event.type === type);
}
