// The read-outs of a thesis over HTTP: the list page by page, the newest one whole, and what finance sees of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readOutStage } from '../../activities/read-out-stage.ts';
import { pageOf } from '../../api/pagination.ts';
import { readOutAnswer, readOutSummary } from '../../api/schemas/read-out.ts';
import { thesisEconomicsSchema } from '../../api/schemas/unit-economics.ts';
import { DAY, later } from '../../domain/duration.ts';
import { createBoundaryBook } from '../../domain/experiment.ts';
import { CMO_CYCLE } from '../../domain/playbook/cmo-cycle.ts';
import { ROLE_NAMES } from '../../domain/role.ts';
import type { GatedStage } from '../../domain/stage.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { day, type StoredObservation, storeObservations, storeThesis } from '../support/stored-thesis.ts';

const PATH = '/v1/theses/lyon/read-outs';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ now: () => new Date(day('11-24')) });
  await storeThesis(api.db, {
    thesisId: 'lyon',
    windows: [
      ['detect', '05-01', '06-01'],
      ['measure', '06-01', null],
    ],
    contract: { playbook: CMO_CYCLE },
  });
  await storeThesis(api.db, { thesisId: 'young', windows: [['detect', '06-01', null]] });
  await storeObservations(api.db, 'lyon', measured());
  await readOut('detect', day('05-01'), 30);
  for (let days = 1; days <= 14; days += 1) await readOut('measure', day('06-01'), days);
});

afterAll(async () => {
  await api?.close();
});

/** Two weeks of arms: 5% and 6.5% of 1,000 visitors a day. */
function measured(): StoredObservation[] {
  return Array.from({ length: 14 }, (_, index) => `06-${String(index + 1).padStart(2, '0')}`).flatMap((on) =>
    [
      ['control', '50', '100'],
      ['treatment', '65', '160'],
    ].flatMap(([arm = '', conversions = '', spend = '']) => [
      { metric: 'visitors', on, sum: '1000', arm, grade: 'randomised' } as const,
      { metric: 'conversions', on, sum: conversions, arm, grade: 'randomised' } as const,
      { metric: 'spend', on, sum: spend, arm } as const,
    ]),
  );
}

async function readOut(stage: GatedStage, since: string, days: number): Promise<void> {
  await readOutStage(
    { db: api.db, boundaries: createBoundaryBook() },
    {
      ...{ thesisId: 'lyon', stage, round: 0, at: later(since, days * DAY), contractVersion: 1 },
      ...{
        stageSince: since,
        pausedFor: 0,
        spentBefore: { amount: '0', currency: 'EUR' },
        brokenInARow: {},
        conditions: [],
      },
    },
  );
}

async function get(path: string) {
  return await api.send('committee_member', 'GET', path);
}

describe('the list', () => {
  test('is read page by page, newest first, as the documentation describes it', async () => {
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const cursor: string = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
      const { status, body } = await get(`${PATH}?limit=4${cursor}`);
      expect(status).toBe(200);
      const answer = pageOf(readOutSummary.extend({ criteria: z.array(z.unknown()) })).parse(body);
      seen.push(...answer.items.map(({ stage, at }) => `${stage} ${at}`));
      next = answer.next;
    } while (next !== null);
    expect(seen).toHaveLength(15);
    expect(seen).toEqual([...seen].sort((a, b) => b.slice(-24).localeCompare(a.slice(-24))));
    expect(seen.at(-1)).toBe(`detect ${later(day('05-01'), 30 * DAY)}`);
  });

  test('of one stage, each with its criteria', async () => {
    const { body } = await get(`${PATH}?stage=detect`);
    const { items } = pageOf(readOutSummary).parse(body);
    expect(items).toHaveLength(1);
    expect(items[0]?.criteria.map(({ id, state }) => [id, state])).toEqual([
      ['need-rate', 'no_data'],
      ['demand-voiced', 'no_data'],
    ]);
  });

  test('refuses a cursor of another list', async () => {
    const cursor = Buffer.from('yesterday&measure&x').toString('base64url');
    expect(await get(`${PATH}?cursor=${cursor}`)).toMatchObject({
      status: 422,
      body: { code: 'invalid_input' },
    });
  });
});

describe('the newest read-out', () => {
  test('is whole: experiment with its sentences, increments, signals and economics', async () => {
    const { status, body } = await get(`${PATH}/latest?stage=measure`);
    expect(status).toBe(200);
    const answer = readOutAnswer.parse(body);
    expect(answer).toEqual(body);
    expect(answer).toMatchObject({ stage: 'measure', round: 0, at: later(day('06-01'), 14 * DAY) });
    expect(answer.experiment).toMatchObject({ method: 'group_sequential', health: { healthy: true } });
    const sentence = answer.experiment.readings[0].sentence;
    expect(sentence.en).toMatch(/^Conversion rate \(CVR\), treatment: .* higher than control/);
    expect(sentence.fr).toMatch(/^Taux de conversion \(CVR\), « treatment » : /);
    expect(answer.criteria.find(({ id }) => id === 'cvr-lift')).toMatchObject({ state: 'pass' });
    expect(answer.signals).toEqual([]);
  });

  test('without a stage, is of the stage that was read out last', async () => {
    expect((await get(`${PATH}/latest`)).body).toMatchObject({ stage: 'measure' });
    expect((await get(`${PATH}/latest?stage=detect`)).body).toMatchObject({
      stage: 'detect',
      experiment: null,
    });
  });

  test('that does not exist is 404', async () => {
    expect(await get(`${PATH}/latest?stage=scale`)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    expect(await get('/v1/theses/young/read-outs/latest')).toMatchObject({ status: 404 });
    expect(await get('/v1/theses/nobody/read-outs')).toMatchObject({
      status: 404,
      body: { code: 'thesis_unknown' },
    });
  });
});

test('finance sees what the experiment added beside what was observed, as known at a day', async () => {
  const path = '/v1/theses/lyon/unit-economics';
  const now = thesisEconomicsSchema.parse((await api.send('finance', 'GET', path)).body);
  const [detect, , measure] = now.stages;
  expect(detect?.incremental).toBeNull();
  expect(measure?.incremental).toMatchObject({ kind: 'ab', grade: 'randomised' });
  // 15 more of 1,000 on each of 14 days, for 60 more a day.
  expect(measure?.incremental?.arms[0]?.costPerAcquisition).toMatchObject({
    raw: { value: { amount: '4' } },
  });
  const then = await api.send('finance', 'GET', `${path}?knownAt=${later(day('06-01'), 3 * DAY)}`);
  const early = thesisEconomicsSchema.parse(then.body).stages[2]?.incremental;
  expect(early?.at).toBe(later(day('06-01'), 3 * DAY));
});

test('everybody with a key may read, nobody without', async () => {
  for (const role of ROLE_NAMES) expect((await api.send(role, 'GET', PATH)).status).toBe(200);
  expect((await api.send(null, 'GET', PATH)).status).toBe(401);
});
