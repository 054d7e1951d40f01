// A stage read out on real PostgreSQL: what the experiment added, what past theses say of it, markets and weeks
// compared, and what stands out in the counts.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freezeEvidence } from '../../activities/freeze-evidence.ts';
import { readOutStage } from '../../activities/read-out-stage.ts';
import type { Db } from '../../db/connect.ts';
import { findPack } from '../../db/evidence-packs.ts';
import { appendObservations } from '../../db/observation-append.ts';
import { findReadOut, type ReadOutBody } from '../../db/read-outs.ts';
import type { Criterion } from '../../domain/criterion.ts';
import { DAY, type Instant, later } from '../../domain/duration.ts';
import type { EvidenceGrade, Observation } from '../../domain/evidence.ts';
import { createBoundaryBook } from '../../domain/experiment.ts';
import type { Metric } from '../../domain/metric.ts';
import { checkObservation } from '../../domain/observation/check.ts';
import { checkPlaybook } from '../../domain/playbook/check.ts';
import { CMO_CYCLE } from '../../domain/playbook/cmo-cycle.ts';
import type { ExperimentPlan, Playbook, StagePlan } from '../../domain/playbook.ts';
import type { GatedStage } from '../../domain/stage.ts';
import type { ReadOutDigest } from '../../domain/thesis.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/database.ts';
import { day, storeThesis } from '../support/stored-thesis.ts';

let database: MigratedDatabase;
let db: Db;
let theses = 0;
let thesisId: string;
const boundaries = createBoundaryBook();

beforeAll(async () => {
  database = await createMigratedDatabase();
  ({ db } = database);
});

afterAll(() => database?.close());

beforeEach(() => {
  theses += 1;
  thesisId = `thesis-${theses}`;
});

const START = day('06-01');

interface Figure {
  readonly metric: Metric;
  /** Days from the start of the stage; below 0 before it. */
  readonly on: number;
  readonly sum: number;
  readonly n?: number;
  readonly sumSquares?: number;
  readonly covariate?: { readonly sum: number; readonly sumSquares: number; readonly sumOfProducts: number };
  readonly arm?: string;
  readonly market?: string;
}

/** Keeps each figure as a source would have sent it, a day long and known when it ended. */
async function observe(figures: readonly Figure[], grade: EvidenceGrade = 'attributed'): Promise<void> {
  const observations = figures.map(({ metric, on, sum, n, sumSquares, ...where }) => {
    const from = later(START, on * DAY);
    const money = ['spend', 'revenue', 'revenue_per_visitor'].includes(metric) ? { currency: 'EUR' } : {};
    const sample = n === undefined ? {} : { n: String(n), sumSquares: String(sumSquares ?? 0) };
    const row = {
      metric,
      from,
      to: later(from, DAY),
      sum: String(sum),
      grade,
      ...where,
      ...money,
      ...sample,
    };
    const rules = { currency: 'EUR', now: day('12-31'), evidence: 'measured' } as const;
    const checked = checkObservation(row, rules);
    if (Array.isArray(checked)) throw new Error(JSON.stringify(checked));
    return checked;
  });
  await appendObservations(db, { thesisId, source: 'push', knownAt: START }, observations);
}

/** The built-in playbook with one stage changed; it must still be a playbook. */
function playbookWith(stage: GatedStage, changes: Partial<StagePlan>): Playbook {
  const playbook = {
    ...CMO_CYCLE,
    stages: { ...CMO_CYCLE.stages, [stage]: { ...CMO_CYCLE.stages[stage], ...changes } },
  };
  expect(checkPlaybook(playbook)).toEqual([]);
  return playbook;
}

async function store(
  stage: GatedStage,
  playbook: Playbook = CMO_CYCLE,
  channels = ['search'],
): Promise<void> {
  const contract = { playbook, channels };
  await storeThesis(db, { thesisId, windows: [[stage, '06-01', null]], contract });
}

async function readAt(stage: GatedStage, days: number, since: Instant = START) {
  const at = later(START, days * DAY);
  const digest: ReadOutDigest = await readOutStage(
    { db, boundaries },
    {
      ...{ thesisId, stage, at, round: 0, contractVersion: 1, stageSince: since },
      ...{ pausedFor: 0, spentBefore: { amount: '0', currency: 'EUR' }, brokenInARow: {}, conditions: [] },
    },
  );
  const body: ReadOutBody | undefined = await findReadOut(db, { thesisId, stage, round: 0, at });
  if (body === undefined) throw new Error('the read-out was not kept');
  return { digest, body };
}

function stateOf({ criteria }: ReadOutDigest, id: string) {
  return criteria.find((criterion) => criterion.id === id)?.state;
}

/** `days` days of an arm: 1,000 visitors, some conversions, revenue of 20 a conversion. */
function arm(name: string, days: number, conversions: number, spend?: number): Figure[] {
  return Array.from({ length: days }, (_, on) => [
    { metric: 'visitors', on, sum: 1000, arm: name } as const,
    { metric: 'conversions', on, sum: conversions, arm: name } as const,
    {
      ...({ metric: 'revenue_per_visitor', on, arm: name } as const),
      ...{ n: 1000, sum: 20 * conversions, sumSquares: 400 * conversions },
    },
    ...(spend === undefined ? [] : [{ metric: 'spend', on, sum: spend, arm: name } as const]),
  ]).flat();
}

describe('the arms of the measure stage', () => {
  test('what the winning arm added is told from the shrunken lift, with the raw one beside it', async () => {
    await store('measure');
    await observe([...arm('control', 21, 50, 100), ...arm('treatment', 21, 60, 200)], 'randomised');
    const { digest, body } = await readAt('measure', 21);
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
    await store('measure');
    await observe([...arm('control', 14, 50, 100), ...arm('treatment', 14, 65, 200)], 'randomised');
    const { body } = await readAt('measure', 14);
    const gateId = `${thesisId}-gate`;
    const hash = await freezeEvidence(
      { db, codeVersion: 'test' },
      {
        ...{ thesisId, gateId, stage: 'measure', round: 0, readOutAt: later(START, 14 * DAY) },
        ...{ contractVersion: 1, recommendation: 'advance' },
      },
    );
    const pack = await findPack(db, gateId, hash);
    expect(pack?.readOut).toMatchObject({
      experiment: body.experiment,
      incremental: body.incremental,
      signals: body.signals,
    });
  });

  test('without spend by arm there is no cost of what was added, and it says so', async () => {
    await store('measure');
    await observe([...arm('control', 14, 50), ...arm('treatment', 14, 60)], 'randomised');
    const { body } = await readAt('measure', 14);
    const [treated] = body.incremental?.arms ?? [];
    expect(treated?.costPerAcquisition).toMatchObject({ notComputable: 'missing_spend' });
    expect(treated?.conversions).toHaveProperty('shrunken');
  });

  test('a broken allocation gives no increment', async () => {
    await store('measure');
    const few = arm('treatment', 14, 60).map((figure) =>
      figure.metric === 'visitors' ? { ...figure, sum: 700 } : figure,
    );
    await observe([...arm('control', 14, 50), ...few], 'randomised');
    const { digest, body } = await readAt('measure', 14);
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
    await store('measure', playbookWith('measure', { experiment, criteria }));
    await observe(figures, 'randomised');
    const { digest, body } = await readAt('measure', 14);
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
    theses += 1;
    thesisId = `adjusted-${theses}`;
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
    theses += 1;
    thesisId = `past-${theses}`;
    await store('measure', CMO_CYCLE, channels);
    await observe([...arm('control', 14, 50), ...arm('treatment', 14, conversions)], 'randomised');
    await readAt('measure', 14);
    await db.updateTable('thesis').set({ status: 'closed' }).where('thesis_id', '=', thesisId).execute();
    await db
      .insertInto('retex')
      .values({ thesis_id: thesisId, draft: '{}', summary: '', learnings: '[]', completed_at: day(on) })
      .execute();
  }

  async function priorOf(channel: string) {
    theses += 1;
    thesisId = `present-${theses}`;
    await store('measure', CMO_CYCLE, [channel]);
    await observe([...arm('control', 14, 50), ...arm('treatment', 14, 56)], 'randomised');
    const { body } = await readAt('measure', 14);
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

const PANEL: Omit<ExperimentPlan, 'kind' | 'control' | 'treatments' | 'weights' | 'grade' | 'plannedUnits'> =
  {
    unit: 'day',
    primaryMetric: 'conversions',
    minimumEffect: '0.1',
    alpha: 0.1,
    power: 0.8,
    method: 'fixed_horizon',
  };

const LIFT: Criterion = {
  id: 'added',
  metric: 'conversions',
  role: 'success',
  rule: { kind: 'versus_control' },
  minimumSample: 0,
  minimumAge: 'P7D',
  failures: 1,
  onFail: 'refine',
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

  async function measured(effect: number): Promise<void> {
    await store('measure', playbookWith('measure', { experiment: geo, criteria: [LIFT] }));
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
    await observe(figures);
  }

  test('are read once, at the planned end, and then decide the criterion with their own grade', async () => {
    await measured(0.3);
    const early = await readAt('measure', 20);
    expect(stateOf(early.digest, 'added')).toBe('inconclusive');
    expect(early.body).toMatchObject({ incrementality: null, experiment: { complete: false } });
    expect(early.body.experiment?.readings[0]).toMatchObject({ estimate: null, verdict: 'undecided' });

    const { digest, body } = await readAt('measure', 21);
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
    await measured(0.3);
    const atEnd = await readAt('measure', 21);
    const later = await readAt('measure', 24);
    expect(later.body.experiment?.readings).toEqual(atEnd.body.experiment?.readings);
  });

  test('without an effect the criterion fails at the end', async () => {
    await measured(0);
    const { digest } = await readAt('measure', 21);
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
    await store('measure', playbookWith('measure', { experiment, criteria: [LIFT] }));
    const days = Array.from({ length: 56 + 22 }, (_, index) => index - 56);
    await observe(
      days.map((on) => ({ metric: 'conversions', on, sum: conversions(on, on < 0 ? 100 : 120) })),
    );
    expect(stateOf((await readAt('measure', 20)).digest, 'added')).toBe('inconclusive');
    const { digest, body } = await readAt('measure', 21);
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
    await store('measure', playbookWith('measure', { experiment, criteria: [criterion] }));
    await observe([...arm('holdout', 20, 50), ...arm('treated', 20, 60)], 'randomised');
    await observe(Array.from({ length: 20 }, (_, on) => ({ metric: 'spend', on, sum: 40 })));
    const early = await readAt('measure', 12);
    expect(early.body.incrementality).toBeNull();
    const { body } = await readAt('measure', 20);
    expect(body.experiment?.complete).toBe(true);
    expect(body.incrementality).toMatchObject({ kind: 'holdout', verdict: 'more', grade: 'randomised' });
    // 10 more of 1,000 on each of 20 days; all that was spent was spent on the treated.
    expect(body.incrementality?.headline).toMatchObject({ increment: expect.closeTo(200, 6) });
    expect(body.incremental?.arms[0]?.costPerAcquisition).toMatchObject({ raw: { value: { amount: '4' } } });
  });
});

describe('signals', () => {
  const searches = (on: number) => 900 + Math.round(60 * Math.sin(on * 7.3));

  test('a spike in the searches of the detect stage is dated and worded, and decides nothing', async () => {
    await store('detect');
    const days = Array.from({ length: 40 }, (_, index) => index - 25);
    await observe(days.map((on) => ({ metric: 'search_queries', on, sum: on === 10 ? 1800 : searches(on) })));
    const quiet = await readAt('detect', 9);
    expect(quiet.body.signals).toEqual([]);
    const { digest, body } = await readAt('detect', 14);
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
    await store('detect');
    const days = Array.from({ length: 30 }, (_, index) => index - 15);
    await observe(days.map((on) => ({ metric: 'search_queries', on, sum: on === 5 ? 300 : searches(on) })));
    expect((await readAt('detect', 15.5)).body.signals).toMatchObject([{ kind: 'dip', at: '2026-06-06' }]);
    const rest = (on: number, length: number) => ({
      ...{ metric: 'search_queries', channel: 'other', grade: 'attributed' },
      ...{ from: later(START, on * DAY), to: later(START, (on + length) * DAY) },
    });
    const rules = { currency: 'EUR', now: day('12-31'), evidence: 'measured' } as const;
    const rows = [
      { ...rest(5, 1), missing: 'no_access' },
      { ...rest(15, 0.25), sum: '90' },
    ];
    const observations = rows.map((row) => checkObservation(row, rules)).filter(isSound);
    await appendObservations(
      db,
      { thesisId, source: 'push', knownAt: later(START, 15.6 * DAY) },
      observations,
    );
    expect((await readAt('detect', 15.7)).body.signals).toEqual([]);
  });
});

function isSound(row: Observation | object[]): row is Observation {
  return !Array.isArray(row);
}

function shrunkenOf(figure: object | undefined, unit: 'count' | 'amount'): number {
  const text: unknown = JSON.parse(JSON.stringify(figure ?? {})).shrunken?.value?.[unit];
  return Number(text);
}
