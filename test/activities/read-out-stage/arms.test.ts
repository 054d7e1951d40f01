// Arms of an experiment read out on real PostgreSQL: what the winning one added, with the period before taken out where
// the contract says so, and what past theses say of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freezeEvidence } from '../../../activities/freeze-evidence.ts';
import { findPack } from '../../../db/evidence-packs.ts';
import type { Criterion } from '../../../domain/criterion.ts';
import { DAY, later } from '../../../domain/duration.ts';
import type { Metric } from '../../../domain/metric.ts';
import { CMO_CYCLE } from '../../../domain/playbook/cmo-cycle.ts';
import {
  arm,
  createReadOutWorld,
  type Figure,
  LIFT,
  playbookWith,
  type ReadOutWorld,
  START,
  stateOf,
} from '../../support/read-out-world.ts';
import { day } from '../../support/stored-thesis.ts';

let world: ReadOutWorld;

beforeAll(async () => {
  world = await createReadOutWorld();
});

afterAll(() => world?.close());

describe('the arms of the measure stage', () => {
  test('what the winning arm added is told from the shrunken lift, with the raw one beside it', async () => {
    const measure = await world.enter('measure');
    await measure.observe([...arm('control', 21, 50, 100), ...arm('treatment', 21, 60, 200)], 'randomised');
    const { digest, body } = await measure.readAt(21);
    expect(stateOf(digest, 'cvr-lift')).toBe('pass');
    const cvr = body.experiment?.readings.find(({ metric }) => metric === 'cvr');
    expect(cvr).toMatchObject({ verdict: 'better', method: 'group_sequential' });
    const { incremental } = body;
    expect(incremental).toMatchObject({ kind: 'ab', grade: 'randomised', at: later(START, 21 * DAY) });
    const [treated] = incremental?.arms ?? [];
    // A lift of 20% over 5% of 21,000 visitors.
    expect(treated?.conversions).toMatchObject({
      definition: 'incremental_conversions/1',
      raw: { value: { count: '210' } },
    });
    const kept = cvr?.shrunken?.shrunken ?? 0;
    expect(kept).toBeGreaterThan(0.05);
    expect(kept).toBeLessThan(0.2);
    expect(shrunkenOf(treated?.conversions, 'count')).toBeCloseTo(kept * 1050, 6);
    // 100 a day more than control had: 2,100 over what was added.
    expect(shrunkenOf(treated?.costPerAcquisition, 'amount')).toBeCloseTo(2100 / (kept * 1050), 6);
    expect(treated?.roas).toMatchObject({ definition: 'incremental_roas/1', raw: { value: { ratio: '2' } } });
  });

  test('the committee gets it whole, in the frozen file of its gate', async () => {
    const measure = await world.enter('measure');
    await measure.observe([...arm('control', 14, 50, 100), ...arm('treatment', 14, 65, 200)], 'randomised');
    const { body } = await measure.readAt(14);
    const { thesisId } = measure;
    const gateId = `${thesisId}-gate`;
    const hash = await freezeEvidence(
      { db: world.db, codeVersion: 'test' },
      {
        ...{ thesisId, gateId, stage: 'measure', round: 0, readOutAt: later(START, 14 * DAY) },
        ...{ contractVersion: 1, recommendation: 'advance' },
      },
    );
    const pack = await findPack(world.db, gateId, hash);
    expect(pack?.readOut).toMatchObject({
      experiment: body.experiment,
      incremental: body.incremental,
      signals: body.signals,
    });
  });

  test('without spend by arm there is no cost of what was added, and it says so', async () => {
    const measure = await world.enter('measure');
    await measure.observe([...arm('control', 14, 50), ...arm('treatment', 14, 60)], 'randomised');
    const { body } = await measure.readAt(14);
    const [treated] = body.incremental?.arms ?? [];
    expect(treated?.costPerAcquisition).toMatchObject({ notComputable: 'missing_spend' });
    expect(treated?.conversions).toHaveProperty('shrunken');
  });

  test('a broken allocation gives no increment', async () => {
    const measure = await world.enter('measure');
    const few = arm('treatment', 14, 60).map((figure) =>
      figure.metric === 'visitors' ? { ...figure, sum: 700 } : figure,
    );
    await measure.observe([...arm('control', 14, 50), ...few], 'randomised');
    const { digest, body } = await measure.readAt(14);
    expect(stateOf(digest, 'cvr-lift')).toBe('error');
    expect(body.incremental?.arms[0]?.conversions).toMatchObject({ notComputable: 'broken_experiment' });
  });
});

describe('a measure whose contract adjusts by the period before', () => {
  /** Days of 1,000 visitors: a mean and a standard deviation of 8, correlated by .8 with a mean of 10 before. */
  function visitors(name: string, days: number, mean: number): Figure[] {
    const spread = 999 * 64;
    return Array.from({ length: days }, (_, on) => ({
      ...({ metric: 'revenue_per_visitor', on, arm: name } as const),
      ...{ n: 1000, sum: 1000 * mean, sumSquares: 1000 * mean * mean + spread },
      covariate: {
        ...{ sum: 10_000, sumSquares: 100_000 + spread },
        sumOfProducts: 10_000 * mean + 0.8 * spread,
      },
    }));
  }

  async function measured(adjustment: 'cuped' | 'none', figures: readonly Figure[]) {
    const own = CMO_CYCLE.stages.measure.experiment;
    if (own === null) throw new Error('the measure stage has no experiment');
    const experiment = {
      ...own,
      primaryMetric: 'revenue_per_visitor',
      plannedUnits: 40_000,
      adjustment,
    } as const;
    const criteria: Criterion[] = [{ ...LIFT, metric: 'revenue_per_visitor' }];
    const measure = await world.enter('measure', {
      playbook: playbookWith('measure', { experiment, criteria }),
    });
    await measure.observe(figures, 'randomised');
    const { digest, body } = await measure.readAt(14);
    const [criterion] = digest.criteria;
    const [reading] = body.experiment?.readings ?? [];
    if (criterion === undefined || reading === undefined) throw new Error('nothing was read');
    return { criterion, reading };
  }

  test('decides where the plain comparison is still open, and says what it took out', async () => {
    const figures = [...visitors('control', 14, 10), ...visitors('treatment', 14, 10.2)];
    const plain = await measured('none', figures);
    expect(plain.criterion.state).toBe('inconclusive');
    expect(plain.reading.adjustment).toBeNull();
    const { criterion, reading } = await measured('cuped', figures);
    expect(criterion.state).toBe('pass');
    expect(criterion.reason).toContain('taken out (CUPED), which cuts the variance by 64.0%.');
    expect(reading.adjustment).toMatchObject({ method: 'cuped', varianceReduction: expect.closeTo(0.64, 3) });
    expect(reading).toMatchObject({ verdict: 'better', estimate: expect.closeTo(0.02, 9) });
    // 8 sqrt(1 - .64) sqrt(2 / n) at the look that decided.
    expect(reading.z).toBeCloseTo(0.2 / (4.8 * Math.sqrt(2 / (1000 * reading.look))), 2);
  });

  test('compares plainly when a source left the covariate out of one day, and says why', async () => {
    const treated = visitors('treatment', 14, 10.2).map(({ covariate, ...figure }) =>
      figure.on === 0 || covariate === undefined ? figure : { ...figure, covariate },
    );
    const { criterion, reading } = await measured('cuped', [...visitors('control', 14, 10), ...treated]);
    expect(criterion.state).toBe('inconclusive');
    expect(criterion.reason).toContain('was not made, because some units have no covariate.');
    expect(reading.adjustment).toEqual({ method: 'none', why: 'missing_covariate' });
    expect(reading.z).toBeCloseTo(0.2 / (8 * Math.sqrt(2 / 14_000)), 2);
  });
});

describe('past theses of the same channel', () => {
  /** Closes a thesis that found `conversions` a day against 50. */
  async function closed(conversions: number, channels: string[], on: string): Promise<void> {
    const past = await world.enter('measure', { channels });
    await past.observe([...arm('control', 14, 50), ...arm('treatment', 14, conversions)], 'randomised');
    await past.readAt(14);
    const { db } = world;
    const { thesisId } = past;
    await db.updateTable('thesis').set({ status: 'closed' }).where('thesis_id', '=', thesisId).execute();
    await db
      .insertInto('retex')
      .values({ thesis_id: thesisId, draft: '{}', summary: '', learnings: '[]', completed_at: day(on) })
      .execute();
  }

  async function priorOf(channel: string) {
    const present = await world.enter('measure', { channels: [channel] });
    await present.observe([...arm('control', 14, 50), ...arm('treatment', 14, 56)], 'randomised');
    const { body } = await present.readAt(14);
    const readings = body.experiment?.readings ?? [];
    return (metric: Metric) => readings.find((reading) => reading.metric === metric)?.shrunken?.prior;
  }

  test('give the prior once six of them had closed by then, metric by metric', async () => {
    const lifts = [50, 51, 52, 52, 53];
    for (const conversions of lifts) await closed(conversions, ['social', 'press'], '06-10');
    await closed(54, ['search'], '06-10');
    await closed(54, ['social'], '06-20');
    expect((await priorOf('social'))('cvr')).toMatchObject({ source: 'sceptical' });
    await closed(55, ['social'], '06-12');
    const prior = await priorOf('social');
    expect(prior('cvr')).toMatchObject({ source: 'history', studies: 6 });
    expect(prior('cvr')?.mean).toBeGreaterThan(0.02);
    expect(prior('cvr')?.mean).toBeLessThan(0.06);
    expect(prior('revenue_per_visitor')).not.toEqual(prior('cvr'));
  });
});

function shrunkenOf(figure: object | undefined, unit: 'count' | 'amount'): number {
  const text: unknown = JSON.parse(JSON.stringify(figure ?? {})).shrunken?.value?.[unit];
  return Number(text);
}
