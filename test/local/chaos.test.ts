// The chaos run, short: theses live to their end while each of the four processes is killed and a wire is cut, nothing
// that was acknowledged is missing or doubled, and each webhook is told of each event under one id by a worker that also
// dies in the middle of it; and it says so when something is wrong. The long one: `npm run chaos`.
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { type ChaosSettings, chaos } from '../../local/chaos/run.ts';
import type { Story } from '../../local/demo/story.ts';
import { unhurriedContract } from '../support/fast-time.ts';

const PLAYBOOK = 'unhurried';
const { playbook, sources: _sources, channels, tags, ...offer } = unhurriedContract();
const { version: _version, ...template } = playbook;

/** A thesis that goes through every stage as soon as its committee has voted: no outage makes it too late for that. */
const STORY: Story = {
  key: 'loser',
  owner: 'tom-bernard',
  launch: {
    title: offer.title,
    statement: offer.statement,
    portfolio: offer.portfolio,
    market: offer.market,
    channels,
    tags,
    currency: offer.currency,
    playbook: { name: PLAYBOOK },
    sources: [
      {
        id: 'shop',
        kind: 'push',
        metrics: ['demand_mentions'],
        stages: ['detect', 'prototype', 'measure', 'scale'],
        maximumStaleness: 'P400D',
      },
    ],
    economics: offer.economics,
  },
  pushed: () => [{ metric: 'demand_mentions', sum: 20 }],
  warehouse: null,
  outage: () => false,
  interviews: () => null,
  votes: () => ({ ballot: 'advance', reason: 'There is demand.', probability: 0.7 }),
  retex: {
    summary: 'It held.',
    learnings: [{ topic: 'offer', text: 'A guarantee moved more than a discount.' }],
    tags: ['subscription'],
  },
};

const SETTINGS: ChaosSettings = {
  // PostgreSQL while everything is alive and writes, the wire to it, the API, the worker, Temporal.
  seed: 420,
  theses: 2,
  kills: 4,
  pauses: [500, 3_000],
  daysASecond: 2,
  stories: [STORY],
  async prepare(admin) {
    await admin.post('/v1/playbooks', { ...template, name: PLAYBOOK });
  },
  log: () => undefined,
};

/** Does what no code of ours can: takes a row of evidence and a vote away, and spoils two notifications. */
async function spoil(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const one = async (text: string) => (await client.query(text)).rows[0];
  try {
    await client.query('set session_replication_role = replica');
    const row = await one(`delete from observation
      where observation_id = (select min(observation_id) from observation) returning row_key`);
    const vote = await one(`delete from thesis_event where (thesis_id, sequence) =
      (select thesis_id, sequence from thesis_event where type = 'VoteCast' limit 1) returning thesis_id, sequence`);
    const untold = await one(`insert into thesis_event
      select (jsonb_populate_record(thesis_event, '{"sequence": 1000}')).*
      from thesis_event where type = 'ThesisClosed' limit 1 returning thesis_id, sequence`);
    const again = await one(`update webhook_delivery
      set state = 'pending', attempts_left = 1, next_attempt_at = now(), delivered_at = null
      where delivery_id = (select min(delivery_id) from webhook_delivery where attempts = 1) returning delivery_id`);
    await vi.waitUntil(
      async () =>
        (await one(`select from webhook_delivery
          where delivery_id = '${again.delivery_id}' and state = 'delivered'`)) !== undefined,
      { timeout: 20_000 },
    );
    return { rowKey: row.row_key, vote, untold, again: again.delivery_id };
  } finally {
    await client.end();
  }
}

test('nothing that was acknowledged is lost and each event is told once while everything is killed, and a loss would be named', async () => {
  let named: string[] = [];
  let spoilt: Awaited<ReturnType<typeof spoil>> | undefined;
  const { acknowledged, toll, notified, losses } = await chaos({
    ...SETTINGS,
    async afterwards(databaseUrl, reckonAgain) {
      spoilt = await spoil(databaseUrl);
      named = await reckonAgain();
    },
  });
  expect(losses).toEqual([]);
  expect(Math.min(...Object.values(toll.kills)), JSON.stringify(toll)).toBeGreaterThan(0);
  expect(toll.cuts).toBeGreaterThan(0);
  expect(acknowledged.launches.length).toBeGreaterThanOrEqual(2);
  expect(acknowledged.rows.length).toBeGreaterThanOrEqual(8);
  // Two votes a gate are enough, at four gates.
  expect(acknowledged.commands.length).toBeGreaterThanOrEqual(2 * 10);
  for (const { name, events, notifications, deliveries, attempts, requests, repeats } of notified) {
    expect([notifications, deliveries], name).toEqual([events, events]);
    const repeated = [...repeats.values()].reduce((total, count) => total + count, 0);
    expect(requests - notifications, name).toBe(repeated);
    expect(attempts, name).toBeGreaterThanOrEqual(requests);
  }
  const [, some] = notified;
  expect(notified.flatMap(({ repeats }) => [...repeats.keys()])).toEqual(
    expect.arrayContaining(['our 500', 'we hung up', 'its sender was killed before it could tell']),
  );
  // A proposal, four gates and an end each.
  expect(some?.events).toBe(acknowledged.launches.length * 6);
  const eventOf = ({ thesis_id, sequence }: { thesis_id?: string; sequence?: number } = {}) =>
    `event ${sequence} of ${thesis_id}`;
  expect(named).toEqual(
    expect.arrayContaining([
      `webhook all: ${eventOf(spoilt?.untold)} (thesis.closed) was never taken`,
      `webhook some: ${eventOf(spoilt?.untold)} (thesis.closed) was never taken`,
      `webhook all: ${eventOf(spoilt?.vote)} was told, and is not in the ledger or not asked for`,
      expect.stringContaining(`notification ${spoilt?.again} was sent again (attempt 2) after its log knew`),
      expect.stringMatching(/^ledger of .* broken at/),
      expect.stringContaining(`answered sequence ${spoilt?.vote.sequence} of`),
      expect.stringContaining(`observation ${spoilt?.rowKey} of`),
    ]),
  );
}, 480_000);
