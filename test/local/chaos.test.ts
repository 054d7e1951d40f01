// The chaos run, short: theses live to their end while each of the four processes is killed and a wire is cut, and
// nothing that was acknowledged is missing or doubled; and it says so when something is. The long one: `npm run chaos`.
import pg from 'pg';
import { expect, test } from 'vitest';
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

/** Takes one row of evidence and one vote away, as no code of ours can. */
async function lose(databaseUrl: string): Promise<{ rowKey: string; sequence: number }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    const row = await client.query(`delete from observation
      where observation_id = (select min(observation_id) from observation) returning row_key`);
    const vote = await client.query(`delete from thesis_event where (thesis_id, sequence) =
      (select thesis_id, sequence from thesis_event where type = 'VoteCast' limit 1) returning sequence`);
    return { rowKey: row.rows[0].row_key, sequence: vote.rows[0].sequence };
  } finally {
    await client.end();
  }
}

test('nothing that was acknowledged is lost while everything is killed once, and a loss would be named', async () => {
  let named: string[] = [];
  let lost: Awaited<ReturnType<typeof lose>> | undefined;
  const { acknowledged, toll, losses } = await chaos({
    ...SETTINGS,
    async afterwards(databaseUrl, reckonAgain) {
      lost = await lose(databaseUrl);
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
  expect(named).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ledger of .* broken at/),
      expect.stringContaining(`answered sequence ${lost?.sequence} of`),
      expect.stringContaining(`observation ${lost?.rowKey} of`),
    ]),
  );
}, 240_000);
