// Whether an experiment can be believed, in words for both languages, and what is said where arms cannot be compared.
import { describe, expect, test } from 'vitest';
import { type ExperimentData, readExperiment } from '../../../domain/experiment.ts';
import { cvr, data, means, only, plan, request, series, shares, steady } from '../experiment-fixture.ts';

describe('health before verdict', () => {
  test('arms without their planned shares give no verdict', () => {
    const skewed = data(
      series('cvr', 'proportion', { control: steady(20, 100, 1000), treatment: steady(20, 180, 1100) }),
    );
    const read = readExperiment(plan, skewed, request(20));
    expect(read.health.healthy).toBe(false);
    expect(read.health.srm).toMatchObject({ mismatch: true });
    expect(read.health.sentence.en).toBe(
      'The arms do not have their planned shares: control got 47.6% of the units instead of 50.0%, treatment got 52.4% of the units instead of 50.0%. Something is broken: no verdict can be taken.',
    );
    expect(read.health.sentence.fr).toBe(
      'Les groupes n’ont pas les parts prévues : « control » a reçu 47,6 % des unités au lieu de 50,0 %, « treatment » a reçu 52,4 % des unités au lieu de 50,0 %. Quelque chose est cassé : aucun verdict n’est possible.',
    );
    expect(only(read.readings)).toMatchObject({ verdict: 'undecided' });
    expect(read.complete).toBe(false);
  });

  test('a mismatch that was shown once is not forgotten', () => {
    const control = shares(Array<number>(20).fill(100));
    const units = {
      control: control.map(({ n }, look) => (look < 10 ? n * 0.8 : n)),
      treatment: control.map(({ n }) => n),
    };
    const repaired = {
      ...data(series('cvr', 'proportion', { control, treatment: control })),
      units,
    };
    const { srm } = readExperiment(plan, repaired, request(20)).health;
    expect(srm?.mismatch).toBe(true);
    expect(srm?.chiSquareP).toBe(1);
  });

  test('fewer than 30 conversions in an arm are undecided with the reason, not unhealthy', () => {
    const { health, readings } = readExperiment(plan, cvr(1, 4, 20), request(20));
    expect(health).toMatchObject({ healthy: true });
    expect(health.problems.map(({ code }) => code)).toEqual(['too_few_conversions']);
    expect(only(readings)).toMatchObject({ verdict: 'undecided', estimate: null });
    expect(only(readings).sentence.en).toContain('each arm needs 30');
  });

  test('a healthy test says so in both languages', () => {
    expect(readExperiment(plan, cvr(100, 101, 20), request(20)).health).toMatchObject({
      problems: [],
      sentence: {
        en: 'The test is healthy: its arms, its age and its sample are as planned.',
        fr: 'Le test est sain : ses groupes, son âge et son échantillon sont conformes au plan.',
      },
    });
  });

  test('every problem has a French sentence of its own', () => {
    const idle = data(series('cvr', 'proportion', { control: steady(3, 100), treatment: [] }));
    const small = { ...plan, primaryMetric: 'nps' } as const;
    const few = data(series('nps', 'mean', { control: means(9, 0, 1, 3), treatment: means(9, 0, 1, 3) }));
    const broken = { ...cvr(100, 100, 20), units: { control: [-5], treatment: [5] } };
    const problems = [
      ...readExperiment(plan, idle, request(1)).health.problems,
      ...readExperiment(small, few, request(9)).health.problems,
      ...readExperiment(plan, cvr(1, 4, 20), request(20)).health.problems,
      ...readExperiment(plan, { ...broken, looks: 1 }, request(20)).health.problems.slice(0, 1),
    ];
    const told = problems.filter(({ code }) => code !== 'sample_ratio_mismatch');
    expect(told.map(({ code, sentence }) => `${code}: ${sentence.fr}`)).toEqual([
      'no_units: Aucune unité n’est encore arrivée pour « treatment ».',
      'too_young: Aucun verdict avant 7 jours pleins de données ; le test a 1 jour.',
      'too_few_units: Il faut 30 unités par groupe pour un verdict.',
      'too_few_conversions: Il faut 30 conversions par groupe pour un verdict.',
      'contradictory_units: Les nombres d’unités des groupes se contredisent : aucun verdict n’est possible.',
    ]);
  });

  test('no data at all', () => {
    const nothing: ExperimentData = { looks: 0, units: {}, metrics: [] };
    const read = readExperiment(plan, nothing, request(3));
    expect(read).toMatchObject({ readings: [], complete: false, informationFraction: 0, daysLeft: null });
    expect(read.health.problems.map(({ code }) => code)).toEqual(['no_units', 'too_young']);
  });
});

describe('what cannot be compared is said, not thrown', () => {
  const impossible = (treatment: readonly { n: number; sum: number; sumSquares: number | null }[]) =>
    only(
      readExperiment(
        { ...plan, primaryMetric: 'average_basket' },
        data(series('average_basket', 'mean', { control: means(20, 40, 10), treatment })),
        request(20, { goals: [] }),
      ).readings,
    );

  test('sums that contradict each other', () => {
    const broken = means(20, 40, 10).map((look) => ({ ...look, sumSquares: 1 }));
    const reading = impossible(broken);
    expect(reading).toMatchObject({ verdict: 'impossible', estimate: null, z: null, p: null });
    expect(reading.sentence.en).toContain('their sums contradict each other');
  });

  test('missing sums of squares, and values that do not vary', () => {
    expect(impossible(means(20, 40, 10).map((look) => ({ ...look, sumSquares: null })))).toMatchObject({
      verdict: 'impossible',
    });
    expect(impossible(means(20, 40, 0))).toMatchObject({ verdict: 'impossible' });
  });

  test('a control at zero has a difference and no lift', () => {
    const zero = data(
      series('cvr', 'proportion', { control: steady(20, 100), treatment: steady(20, 100) }),
      series('nps', 'mean', { control: means(20, 0, 0.8), treatment: means(20, 0.2, 0.8) }),
    );
    const { readings } = readExperiment(
      plan,
      zero,
      request(20, { goals: ['cvr', 'nps'], guardrails: [{ metric: 'nps', margin: 0.1 }] }),
    );
    expect(readings[1]).toMatchObject({
      verdict: 'better',
      estimate: null,
      absolute: 0.2,
      interval: null,
      shrunken: null,
      nonInferiority: 'undecided',
    });
  });
});
