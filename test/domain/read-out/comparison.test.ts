// Reading out a comparison of arms: what the experiment's readings mean for a criterion.
import { describe, expect, test } from 'vitest';
import type { ArmReading, ExperimentReadOut } from '../../../domain/experiment.ts';
import { readCriterion } from '../../../domain/read-out.ts';
import { criterion, evidenceOf, experiment, reading } from '../read-out-fixture.ts';

const effect = criterion('cvr', { kind: 'versus_control' }, { minimumSample: 1_000 });
const noHarm = criterion('cvr', { kind: 'non_inferiority', margin: '0.05' }, { role: 'guardrail' });

const read = (of: typeof effect, readings: readonly ArmReading[], changes: Partial<ExperimentReadOut> = {}) =>
  readCriterion(of, evidenceOf({}, { experiment: experiment(readings, changes) }), 0);

describe('an effect over control', () => {
  test('passes once one arm is better, with the numbers and the sentence of that arm', () => {
    const better = reading('offer', { verdict: 'better', estimate: 0.1 });
    const louder = reading('discount', { estimate: 0.3, n: 50 });
    expect(read(effect, [louder, better])).toMatchObject({
      state: 'pass',
      observed: '0.1',
      bound: null,
      sample: 10_000,
      grade: 'randomised',
      breach: null,
      reason: 'Of offer.',
    });
  });

  test('of several better arms names the best', () => {
    const arms = [0.05, 0.2, 0.1].map((estimate) =>
      reading(`lift-${estimate}`, { verdict: 'better', estimate }),
    );
    expect(read(effect, arms).reason).toBe('Of lift-0.2.');
  });

  test('is inconclusive while any arm may still be, and fails when every arm is worse', () => {
    const worse = reading('offer', { verdict: 'worse', estimate: -0.1 });
    expect(read(effect, [reading('discount'), worse]).state).toBe('inconclusive');
    expect(read(effect, [worse, reading('discount', { verdict: 'worse', estimate: -0.2 })])).toMatchObject({
      state: 'fail',
      breach: 'hard',
      reason: 'Of offer.',
    });
  });

  test('fails when the planned end is reached and nothing was shown', () => {
    expect(read(effect, [reading('offer')], { complete: true, informationFraction: 1 }).state).toBe('fail');
    expect(read(effect, [reading('offer')], { complete: true }).state).toBe('fail');
  });

  test('of another goal stays open when only the primary metric ended early', () => {
    const goal = reading('offer', { role: 'goal' });
    expect(read(effect, [goal], { complete: true, informationFraction: 0.4 }).state).toBe('inconclusive');
    expect(read(effect, [goal], { complete: true, informationFraction: 1 }).state).toBe('fail');
  });

  test('has no verdict below its sample, whatever the arms say', () => {
    const small = reading('offer', { verdict: 'better', n: 999 });
    const result = read(effect, [small]);
    expect(result.state).toBe('inconclusive');
    expect(result.reason).toBe('Of offer. No verdict yet: below the minimum sample of 1000.');
  });
});

describe('no harm', () => {
  test('passes when it is shown for every arm, with the worst of them', () => {
    const shown = [0.01, -0.01].map((estimate) =>
      reading(`lift${estimate}`, { nonInferiority: 'shown', estimate }),
    );
    expect(read(noHarm, shown)).toMatchObject({ state: 'pass', bound: '-0.05', reason: 'Of lift-0.01.' });
  });

  test('fails on harm in one arm, named, although another looks worse', () => {
    const harm = reading('offer', { nonInferiority: 'harm', estimate: -0.1 });
    const open = reading('discount', { nonInferiority: 'undecided', estimate: -0.2 });
    expect(read(noHarm, [open, harm])).toMatchObject({ state: 'fail', breach: 'hard', reason: 'Of offer.' });
  });

  test('is inconclusive while an arm is undecided or untested, also at the planned end', () => {
    const shown = reading('offer', { nonInferiority: 'shown', estimate: -0.04 });
    for (const nonInferiority of ['undecided', null] as const) {
      const open = reading('discount', { nonInferiority });
      const result = read(noHarm, [shown, open], { complete: true, informationFraction: 1 });
      expect(result).toMatchObject({ state: 'inconclusive', reason: 'Of discount.' });
    }
  });
});

describe('an experiment that cannot be believed', () => {
  const better = reading('offer', { verdict: 'better', nonInferiority: 'shown' });
  const { health } = experiment([]);

  test('is an error, whatever its arms say', () => {
    const sentence = { en: 'The arms did not get their shares.', fr: 'Les groupes n’ont pas leurs parts.' };
    const unhealthy = { ...health, healthy: false, sentence };
    for (const of of [effect, noHarm]) {
      expect(read(of, [better], { health: unhealthy })).toMatchObject({
        state: 'error',
        observed: null,
        reason: 'Conversion rate (CVR): The arms did not get their shares.',
      });
    }
  });

  test('is an error where the numbers are impossible, once there are enough of them', () => {
    const impossible = reading('discount', { verdict: 'impossible', estimate: null, goodness: null });
    for (const of of [effect, noHarm]) {
      expect(read(of, [better, impossible])).toMatchObject({
        state: 'error',
        observed: null,
        reason: 'Of discount.',
      });
    }
    expect(read(effect, [{ ...impossible, n: 10 }]).state).toBe('inconclusive');
  });

  test('is no data while no arm was read by the metric, and an error where the stage has no experiment', () => {
    expect(read(effect, []).state).toBe('no_data');
    expect(read(effect, [reading('offer', { metric: 'average_basket' })]).state).toBe('no_data');
    expect(readCriterion(effect, evidenceOf({}), 0)).toMatchObject({ state: 'error', bound: null });
  });
});

test('an arm without an estimate is named neither best nor worst', () => {
  const blank = reading('blank', { estimate: null, goodness: null });
  expect(read(effect, [blank, reading('offer', { estimate: -0.3 })]).reason).toBe('Of offer.');
  expect(read(noHarm, [blank, reading('offer', { estimate: 0.3 })]).reason).toBe('Of offer.');
});
