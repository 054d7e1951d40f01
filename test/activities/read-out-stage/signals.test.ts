// What stands out in the counts of a stage, read out on real PostgreSQL.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, later } from '../../../domain/duration.ts';
import { createReadOutWorld, type ReadOutWorld, START } from '../../support/read-out-world.ts';

let world: ReadOutWorld;

beforeAll(async () => {
  world = await createReadOutWorld();
});

afterAll(() => world?.close());

describe('signals', () => {
  const searches = (on: number) => 900 + Math.round(60 * Math.sin(on * 7.3));

  test('a spike in the searches of the detect stage is dated and worded, and decides nothing', async () => {
    const detect = await world.enter('detect');
    const days = Array.from({ length: 40 }, (_, index) => index - 25);
    await detect.observe(
      days.map((on) => ({ metric: 'search_queries', on, sum: on === 10 ? 1800 : searches(on) })),
    );
    const quiet = await detect.readAt(9);
    expect(quiet.body.signals).toEqual([]);
    const { digest, body } = await detect.readAt(14);
    expect(body.signals).toHaveLength(1);
    expect(body.signals[0]).toMatchObject({
      ...{ metric: 'search_queries', kind: 'spike', at: '2026-06-11', began: '2026-06-11', observed: 1800 },
    });
    expect(body.signals[0]?.falseAlarmRate).toBeLessThan(0.05);
    expect(body.signals[0]?.sentence.en).toMatch(
      /^Search queries: a spike on 2026-06-11, 1800 a day where \d+ /,
    );
    expect(body.signals[0]?.sentence.fr).toMatch(
      /^Recherches : un pic le 2026-06-11, 1800 par jour pour \d+ /,
    );
    expect(digest.criteria).toEqual(quiet.digest.criteria);
  });

  test('a day that is still being told, or that a source declared missing in part, is no dip', async () => {
    const detect = await world.enter('detect');
    const days = Array.from({ length: 30 }, (_, index) => index - 15);
    await detect.observe(
      days.map((on) => ({ metric: 'search_queries', on, sum: on === 5 ? 300 : searches(on) })),
    );
    expect((await detect.readAt(15.5)).body.signals).toMatchObject([{ kind: 'dip', at: '2026-06-06' }]);
    const rest = (on: number, length: number) => ({
      ...{ metric: 'search_queries', channel: 'other', grade: 'attributed' },
      ...{ from: later(START, on * DAY), to: later(START, (on + length) * DAY) },
    });
    const rows = [
      { ...rest(5, 1), missing: 'no_access' },
      { ...rest(15, 0.25), sum: '90' },
    ];
    await detect.send(rows, later(START, 15.6 * DAY));
    expect((await detect.readAt(15.7)).body.signals).toEqual([]);
  });
});
