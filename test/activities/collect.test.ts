// Collecting from real warehouses into a real database: restatements, staleness and failures as statuses, and a
// collection killed at any moment that goes on where it was.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CollectDependencies, type CollectRequest, collect } from '../../activities/collect.ts';
import type { Progress } from '../../activities/collect-progress.ts';
import { createSecretBox, newSecretKey } from '../../activities/secret-box.ts';
import { connect, type Db } from '../../db/connect.ts';
import { saveConnection } from '../../db/connections.ts';
import type { SourceBinding } from '../../domain/thesis.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/database.ts';
import { day, storeObservations, storeThesis } from '../support/stored-thesis.ts';
import { CLICKS, createTestWarehouse, SPEND, type TestWarehouse } from '../support/warehouse.ts';

const NOW = day('09-20');
const KEY = newSecretKey();
const BOX = createSecretBox(KEY);

const PULLED: SourceBinding = {
  id: 'shop',
  kind: 'warehouse',
  connection: 'shop',
  metrics: ['clicks', 'spend'],
  parameters: { campaign: 'phones' },
  stages: ['prototype'],
  required: true,
  maximumStaleness: 'P2D',
};
const PUSHED: SourceBinding = { ...PULLED, id: 'crm', kind: 'push', connection: null, metrics: ['orders'] };

let database: MigratedDatabase;
let db: Db;
let warehouse: TestWarehouse;
let theses = 0;
let thesisId: string;

beforeAll(async () => {
  [database, warehouse] = await Promise.all([createMigratedDatabase(), createTestWarehouse()]);
  ({ db } = database);
});
afterAll(async () => {
  await Promise.all([database.close(), warehouse.drop()]);
});
beforeEach(async () => {
  theses += 1;
  thesisId = `thesis-${theses}`;
  await storeThesis(db, { thesisId, windows: [['prototype', '09-01', null]] });
  await connection({});
  await fill('09-10', '09-19', 1);
});

async function connection(changed: Partial<TestWarehouse['settings']>): Promise<void> {
  const settings = { ...warehouse.settings, ...changed };
  const shop = { name: 'shop', kind: 'warehouse', settings, queries: [CLICKS, SPEND] } as const;
  await saveConnection(db, shop, BOX.seal(warehouse.password), 'admin');
}

/** Figures of each day and of so many arms. */
async function fill(from: string, to: string, arms: number): Promise<void> {
  await warehouse.run('truncate visits');
  await warehouse.run(
    `insert into visits select day, 'arm-' || arm, 'phones', 10, 1.5
     from generate_series(date '2026-${from}', '2026-${to}', '1 day') day, generate_series(1, ${arms}) arm`,
  );
}

function run(deps: Partial<CollectDependencies> = {}, changed: Partial<CollectRequest> = {}) {
  const request = { thesisId, bindings: [PULLED], from: day('09-01'), to: NOW, thesisNow: NOW, ...changed };
  return collect({ db, secretBox: BOX, heartbeat: () => undefined, ...deps }, request);
}

async function stored(): Promise<{ rows: number; revisions: number; sum: string }> {
  const { rows, revisions, sum } = await db
    .selectFrom('observation')
    .select(({ fn }) => [
      fn.countAll<string>().as('rows'),
      fn.max<number | null>('revision').as('revisions'),
      fn.sum<string | null>('sum').as('sum'),
    ])
    .where('thesis_id', '=', thesisId)
    .executeTakeFirstOrThrow();
  return { rows: Number(rows), revisions: revisions ?? 0, sum: sum ?? '0' };
}

async function failingSince(source: string) {
  return await db
    .selectFrom('source_watermark')
    .select(['failing_since', 'failure', 'checked_at'])
    .where('thesis_id', '=', thesisId)
    .where('source', '=', source)
    .executeTakeFirst();
}

describe('a warehouse', () => {
  test('is pulled once, then only what changed counts', async () => {
    const fresh = { source: 'shop', state: 'fresh', required: true, watermark: NOW, reason: null };
    expect(await run()).toEqual({ sources: [fresh], rows: 20 });
    expect(await run()).toEqual({ sources: [fresh], rows: 0 });
    await warehouse.run(`update visits set clicks = 11 where day = '2026-09-12'`);
    expect(await run({}, { thesisNow: day('09-21'), to: day('09-21') })).toMatchObject({ rows: 1 });
    expect(await stored()).toMatchObject({ rows: 21, revisions: 2 });
  });

  test('is pulled again from before its newest figure, as far as the overlap goes', async () => {
    await run();
    await warehouse.run(`update visits set clicks = 11 where day in ('2026-09-12', '2026-09-18')`);
    expect(await run({}, { overlapDays: 3 })).toMatchObject({ rows: 1 });
    expect(await run({}, { overlapDays: 14 })).toMatchObject({ rows: 1 });
  });

  test('leaves out a day that is not over, and marks days that will not be pulled again final', async () => {
    await run({}, { thesisNow: '2026-09-19T12:00:00.000Z', to: '2026-09-19T12:00:00.000Z', overlapDays: 5 });
    const found = await db
      .selectFrom('observation')
      .select(['period_to', 'finality'])
      .where('thesis_id', '=', thesisId)
      .where('metric', '=', 'clicks')
      .orderBy('period_to')
      .execute();
    expect(found.at(-1)).toEqual({ period_to: day('09-19'), finality: 'provisional' });
    expect(found.filter(({ finality }) => finality === 'final').at(-1)?.period_to).toBe(day('09-14'));
  });

  test('is stale when its newest figure is too old', async () => {
    const { sources } = await run({}, { thesisNow: day('09-25'), to: day('09-25') });
    expect(sources).toEqual([
      expect.objectContaining({
        state: 'stale',
        watermark: NOW,
        reason: expect.stringContaining('it may be P2D old'),
      }),
    ]);
  });

  test('that fails is a status with its reason, and the others are still collected', async () => {
    await connection({ database: 'nowhere' });
    await storeObservations(db, thesisId, [{ metric: 'orders', on: '09-19', sum: '3', source: 'crm' }]);
    const { sources } = await run({}, { bindings: [PULLED, PUSHED] });
    expect(sources).toEqual([
      expect.objectContaining({
        source: 'shop',
        state: 'failing',
        reason: expect.stringContaining('no such database'),
      }),
      expect.objectContaining({ source: 'crm', state: 'fresh', watermark: NOW }),
    ]);
    await run({}, { thesisNow: day('09-21') });
    expect(await failingSince('shop')).toMatchObject({ failing_since: NOW, checked_at: day('09-21') });
    await connection({});
    await run({}, { thesisNow: day('09-22') });
    expect(await failingSince('shop')).toMatchObject({ failing_since: null, failure: null });
  });

  test.each([
    [
      'no connection of the name',
      { bindings: [{ ...PULLED, connection: 'gone' }] },
      'no connection named "gone"',
    ],
    ['no query for a metric', { bindings: [{ ...PULLED, metrics: ['orders'] }] }, 'no query for orders'],
    [
      'no value for a parameter',
      { bindings: [{ ...PULLED, parameters: {} }] },
      'no value to the parameter :campaign',
    ],
  ] as const)('%s is a failing source', async (_, changed, reason) => {
    expect(await run({}, changed)).toMatchObject({
      sources: [{ state: 'failing', reason: expect.stringContaining(reason) }],
      rows: 0,
    });
  });

  test('whose password was sealed under a lost key is a failing source', async () => {
    const { sources } = await run({ secretBox: createSecretBox(newSecretKey()) });
    expect(sources).toEqual([expect.objectContaining({ reason: expect.stringContaining('store it again') })]);
  });

  test('our own database failing is thrown', async () => {
    const lost = connect(database.url.replace(database.name, 'nowhere'));
    await expect(run({ db: lost })).rejects.toThrow('does not exist');
    await lost.destroy();
  });
});

describe('what is pushed', () => {
  test('is stale once nothing has come for too long', async () => {
    expect(await run({}, { bindings: [PUSHED] })).toMatchObject({
      sources: [
        {
          source: 'crm',
          state: 'stale',
          watermark: null,
          reason: expect.stringContaining('Nothing has arrived'),
        },
      ],
    });
    const begun = { bindings: [PUSHED], from: day('09-19') };
    expect(await run({}, begun)).toMatchObject({ sources: [{ state: 'fresh', watermark: null }] });
    await storeObservations(db, thesisId, [{ metric: 'orders', on: '09-18', sum: '3', source: 'crm' }]);
    expect(await run({}, { bindings: [PUSHED] })).toMatchObject({
      sources: [{ state: 'fresh', watermark: day('09-19') }],
    });
  });
});

describe('a collection that dies', () => {
  test('at any heartbeat goes on where it was, and stores everything once', async () => {
    await fill('09-10', '09-19', 250);
    const bindings = [PULLED, PUSHED];
    let beats = 0;
    const whole = await run(
      {
        heartbeat: () => {
          beats += 1;
        },
      },
      { bindings },
    );
    const wanted = await stored();
    expect(wanted).toMatchObject({ rows: 2_510, revisions: 1 });
    expect(beats).toBeGreaterThan(5);

    for (let death = 1; death <= beats; death += 1) {
      thesisId = `${thesisId}-${death}`;
      await storeThesis(db, { thesisId, windows: [['prototype', '09-01', null]] });
      let last: Progress | undefined;
      let left = death;
      const heartbeat = (progress: Progress) => {
        left -= 1;
        if (left === 0) throw new Error('killed');
        last = progress;
      };
      await expect(run({ heartbeat }, { bindings })).rejects.toThrow('killed');
      left = Number.POSITIVE_INFINITY;
      const resumed = await run(
        { heartbeat, resumeFrom: JSON.parse(JSON.stringify(last ?? null)) },
        { bindings },
      );
      expect(resumed.sources).toEqual(whole.sources);
      expect(await stored()).toEqual(wanted);
    }
  });

  test.each([null, 'x', { done: 1 }, { done: [], rows: 0, at: { source: 'shop' } }])(
    'and left %j behind begins anew',
    async (resumeFrom) => {
      expect(await run({ resumeFrom })).toMatchObject({ sources: [{ state: 'fresh' }], rows: 20 });
    },
  );

  test('with its whole process, in the middle of a source', async () => {
    await fill('09-10', '09-19', 250);
    const job = { url: database.url, key: KEY, thesisId, bindings: [PULLED], from: day('09-01'), now: NOW };
    const last = await killedAfter(job, 2);
    expect(last).toMatchObject({ done: [], at: { source: 'shop', query: 0, cursor: expect.any(String) } });
    const before = await stored();
    expect(before.rows).toBeGreaterThan(0);
    expect(before.rows).toBeLessThan(2_510);
    const resumed = await run({ resumeFrom: last });
    expect(resumed).toMatchObject({ sources: [{ state: 'fresh', watermark: NOW }] });
    expect(await stored()).toMatchObject({ rows: 2_510, revisions: 1 });
  });
});

/** Runs a collection in a process of its own and kills it at the heartbeat of that many pages. */
async function killedAfter(job: object, pages: number): Promise<unknown> {
  const child = fork(fileURLToPath(new URL('collect-child.ts', import.meta.url)), [JSON.stringify(job)]);
  let seen = 0;
  let last: unknown;
  child.on('message', (progress: Progress) => {
    if (progress.at === null || seen >= pages) return;
    seen += 1;
    last = progress;
    if (seen === pages) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('exit', resolve));
  return last;
}
