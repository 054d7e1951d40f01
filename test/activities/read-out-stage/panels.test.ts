// Markets, weeks and a holdout read out on real PostgreSQL: once, at the planned end, with the grade of their method.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Criterion } from '../../../domain/criterion.ts';
import type { ExperimentPlan } from '../../../domain/playbook.ts';
import {
  arm,
  createReadOutWorld,
  type EnteredStage,
  LIFT,
  playbookWith,
  type ReadOutWorld,
  stateOf,
} from '../../support/read-out-world.ts';

let world: ReadOutWorld;

beforeAll(async () => {
  world = await createReadOutWorld();
});

afterAll(() => world?.close());

const PANEL: Omit<ExperimentPlan, 'kind' | 'control' | 'treatments' | 'weights' | 'grade' | 'plannedUnits'> =
  {
    unit: 'day',
    primaryMetric: 'conversions',
    minimumEffect: '0.1',
    alpha: 0.1,
    power: 0.8,
    method: 'fixed_horizon',
  };

/** Conversions of a day: a week's shape and a noise that repeats nowhere near a week. */
function conversions(on: number, level: number): number {
  return Math.round(level * (1 + 0.1 * Math.sin((2 * Math.PI * on) / 7) + 0.03 * Math.sin(on * on * 12.9)));
}

describe('markets', () => {
  const geo: ExperimentPlan = {
    ...PANEL,
    ...{ kind: 'geo', unit: 'market', control: 'others', treatments: ['lyon', 'nantes'] },
    // Six markets for 21 days.
    ...{ plannedUnits: 6 * 21, grade: 'quasi_experiment', preDays: 56 },
    weights: { others: 0.6, lyon: 0.2, nantes: 0.2 },
  };
  const levels = { lille: 90, lyon: 110, metz: 60, nantes: 80, paris: 150, tours: 50 };

  /** The stage with so much more in the treated markets. */
  async function measured(effect: number): Promise<EnteredStage> {
    const measure = await world.enter('measure', {
      playbook: playbookWith('measure', { experiment: geo, criteria: [LIFT] }),
    });
    const days = Array.from({ length: 56 + 24 }, (_, index) => index - 56);
    const figures = Object.entries(levels).flatMap(([market, level], index) =>
      days.map((on) => {
        const factor = on >= 0 && geo.treatments.includes(market) ? 1 + effect : 1;
        return {
          metric: 'conversions',
          on,
          sum: conversions(on + 3 * index, level * factor),
          market,
        } as const;
      }),
    );
    await measure.observe(figures);
    return measure;
  }

  test('are read once, at the planned end, and then decide the criterion with their own grade', async () => {
    const measure = await measured(0.3);
    const early = await measure.readAt(20);
    expect(stateOf(early.digest, 'added')).toBe('inconclusive');
    expect(early.body).toMatchObject({ incrementality: null, experiment: { complete: false } });
    expect(early.body.experiment?.readings[0]).toMatchObject({ estimate: null, verdict: 'undecided' });

    const { digest, body } = await measure.readAt(21);
    expect(stateOf(digest, 'added')).toBe('pass');
    expect(digest.criteria[0]).toMatchObject({ grade: 'quasi_experiment', sample: 6 * 21 });
    expect(body.experiment).toMatchObject({ complete: true, grade: 'quasi_experiment' });
    const [reading] = body.experiment?.readings ?? [];
    expect(reading?.estimate).toBeCloseTo(0.3, 1);
    expect(reading).toMatchObject({ arm: 'lyon, nantes', verdict: 'better', method: 'fixed_horizon' });
    expect(reading?.sentence.fr).toMatch(/^Conversions obtenues : Effet ajouté face aux marchés témoins/);
    expect(body.incrementality).toMatchObject({ kind: 'geo', grade: 'quasi_experiment', agree: true });
    expect(body.incremental).toBeNull();
  });

  test('what comes after the planned end is not looked at', async () => {
    const measure = await measured(0.3);
    const atEnd = await measure.readAt(21);
    const later = await measure.readAt(24);
    expect(later.body.experiment?.readings).toEqual(atEnd.body.experiment?.readings);
  });

  test('without an effect the criterion fails at the end', async () => {
    const measure = await measured(0);
    const { digest } = await measure.readAt(21);
    expect(stateOf(digest, 'added')).toBe('fail');
  });
});

describe('before and after', () => {
  test('whole weeks are compared at the end, as the weakest measurement', async () => {
    const experiment: ExperimentPlan = {
      ...PANEL,
      ...{ kind: 'prepost', control: 'before', treatments: ['after'], grade: 'pre_post' },
      // Eight weeks before, three after.
      ...{ plannedUnits: 56 + 21, preDays: 56, weights: { before: 0.5, after: 0.5 } },
    };
    const measure = await world.enter('measure', {
      playbook: playbookWith('measure', { experiment, criteria: [LIFT] }),
    });
    const days = Array.from({ length: 56 + 22 }, (_, index) => index - 56);
    await measure.observe(
      days.map((on) => ({ metric: 'conversions', on, sum: conversions(on, on < 0 ? 100 : 120) })),
    );
    expect(stateOf((await measure.readAt(20)).digest, 'added')).toBe('inconclusive');
    const { digest, body } = await measure.readAt(21);
    expect(digest.criteria[0]).toMatchObject({ state: 'pass', grade: 'pre_post', sample: 77 });
    expect(body.experiment?.readings[0]?.estimate).toBeCloseTo(0.2, 1);
    expect(body.incrementality?.headline).toHaveProperty('doubts.0');
  });
});

describe('a holdout', () => {
  test('tells its increments once it is over, what they cost and what they returned', async () => {
    const experiment: ExperimentPlan = {
      ...{ ...PANEL, kind: 'holdout', unit: 'customer', control: 'holdout', treatments: ['treated'] },
      ...{ primaryMetric: 'cvr', plannedUnits: 40_000, grade: 'randomised' },
      weights: { holdout: 0.5, treated: 0.5 },
    };
    const criterion: Criterion = { ...LIFT, metric: 'cvr' };
    const measure = await world.enter('measure', {
      playbook: playbookWith('measure', { experiment, criteria: [criterion] }),
    });
    await measure.observe([...arm('holdout', 20, 50), ...arm('treated', 20, 60)], 'randomised');
    await measure.observe(Array.from({ length: 20 }, (_, on) => ({ metric: 'spend', on, sum: 40 })));
    const early = await measure.readAt(12);
    expect(early.body.incrementality).toBeNull();
    const { body } = await measure.readAt(20);
    expect(body.experiment?.complete).toBe(true);
    expect(body.incrementality).toMatchObject({ kind: 'holdout', verdict: 'more', grade: 'randomised' });
    // 10 more of 1,000 on each of 20 days; all that was spent was spent on the treated.
    expect(body.incrementality?.headline).toMatchObject({ increment: expect.closeTo(200, 6) });
    expect(body.incremental?.arms[0]?.costPerAcquisition).toMatchObject({ raw: { value: { amount: '4' } } });
  });
});
