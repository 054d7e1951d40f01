// When and how a primary metric is decided, by each method: the boundary, the planned end, and what follows from them.
import { describe, expect, test } from 'vitest';
import { createBoundaryBook, readExperiment } from '../../domain/experiment.ts';
import type { ExperimentPlan } from '../../domain/playbook.ts';
import { boundaries } from '../../domain/statistics/planning/group-sequential.ts';
import { stagewiseEstimate } from '../../domain/statistics/planning/sequential-inference.ts';
import { cvr, data, only, plan, request, series, shares, steady } from './experiment-fixture.ts';

const later = (first: readonly number[], then: number, days: number) =>
  shares([...first, ...Array<number>(days - first.length).fill(then)]);

describe('a group-sequential test', () => {
  test('is decided at the first look that crosses its boundary, at the bound of that look', () => {
    const { readings, complete } = readExperiment(plan, cvr(100, 125, 15), request(15));
    const reading = only(readings);
    expect(reading).toMatchObject({
      role: 'primary',
      verdict: 'better',
      look: 7,
      method: 'group_sequential',
    });
    expect(complete).toBe(true);
    // Looks count from day 7 on, so that this is the first one, at 14,000 of 60,000 units.
    const design = { alpha: 0.05, sides: 2, spending: { kind: 'power', exponent: 2 } } as const;
    const [bound] = boundaries(design, [14 / 60]);
    expect(reading.bound).toBe(bound?.criticalValue);
    // (.125 - .1) / sqrt((.1 * .9 + .125 * .875) / 7000).
    expect(reading.z).toBeCloseTo(0.025 / Math.sqrt((0.09 + 0.109375) / 7000), 10);
    expect(reading.estimate).toBeCloseTo(0.25, 10);
    expect(reading.absolute).toBeCloseTo(0.025, 10);
    expect(reading.informationFraction).toBeCloseTo(14 / 60, 12);
  });

  test('stays decided when later days go the other way', () => {
    const early = Array<number>(7).fill(130);
    const turned = data(
      series('cvr', 'proportion', { control: steady(25, 100), treatment: later(early, 85, 25) }),
    );
    expect(only(readExperiment(plan, turned, request(25)).readings)).toMatchObject({
      verdict: 'better',
      look: 7,
    });
  });

  test('ends with its planned units and reads nothing after them', () => {
    const late = data(
      series('cvr', 'proportion', {
        control: steady(50, 100),
        treatment: later(Array<number>(30).fill(101), 190, 50),
      }),
    );
    const ended = readExperiment(plan, late, request(50));
    expect(ended).toMatchObject({ complete: true, informationFraction: 1, daysLeft: null });
    expect(only(ended.readings)).toMatchObject({ verdict: 'undecided', look: 30 });
    expect(only(ended.readings).sentence.en).toContain('planned end without showing a difference');
  });

  test('is not decided before day 7, whatever the data say', () => {
    for (const [days, age] of [
      [6, 30],
      [10, 6.9],
    ] as const) {
      const { health, complete, readings } = readExperiment(plan, cvr(100, 300, days), request(age));
      expect(only(readings)).toMatchObject({ verdict: 'undecided', bound: null, interval: null });
      expect(health.problems.map(({ code }) => code)).toEqual(['too_young']);
      expect([health.healthy, complete]).toEqual([true, false]);
    }
  });

  test('counts days of data when looks are not daily', () => {
    const weekly = { ...cvr(700, 840, 2), days: [7, 14] };
    expect(only(readExperiment(plan, weekly, request(14)).readings).bound).not.toBeNull();
  });

  test('shares alpha over its treatments', () => {
    const two = {
      ...plan,
      treatments: ['a', 'b'],
      weights: { control: 1 / 3, a: 1 / 3, b: 1 / 3 },
      plannedUnits: 90_000,
    };
    const three = data(
      series('cvr', 'proportion', { control: steady(30, 100), a: steady(30, 100), b: steady(30, 100) }),
    );
    const design = { alpha: 0.025, sides: 2, spending: { kind: 'power', exponent: 2 } } as const;
    const last = boundaries(
      design,
      Array.from({ length: 24 }, (_unused, look) => ((look + 7) * 3000) / 90_000),
    ).at(-1);
    const { readings } = readExperiment(two, three, request(30));
    expect(readings.map(({ arm, bound }) => [arm, bound])).toEqual([
      ['a', last?.criticalValue],
      ['b', last?.criticalValue],
    ]);
  });

  test('a look without new units is no look', () => {
    const stalled = shares([...Array<number>(10).fill(100)]);
    const flat = [...stalled, ...stalled.slice(-1), ...stalled.slice(-1)];
    const read = readExperiment(
      plan,
      data(series('cvr', 'proportion', { control: flat, treatment: flat })),
      request(12),
    );
    expect(only(read.readings).look).toBe(10);
  });
});

describe('the estimate of a test that has stopped', () => {
  const unbiased = (treatment: number, days: number) =>
    only(readExperiment(plan, cvr(100, treatment, days), request(days)).readings);

  test('is null while the test runs, and for every other method', () => {
    expect(unbiased(101, 20).medianUnbiased).toBeNull();
    for (const method of ['confidence_sequence', 'fixed_horizon'] as const) {
      const { readings } = readExperiment({ ...plan, method }, cvr(100, 125, 30), request(30));
      expect(only(readings).medianUnbiased).toBeNull();
    }
  });

  test('is plain at the first look, and smaller than the raw one at a later look', () => {
    const first = unbiased(125, 15);
    expect(first.look).toBe(7);
    expect(first.medianUnbiased?.estimate).toBeCloseTo(0.025, 9);
    const late = unbiased(112, 30);
    expect(late).toMatchObject({ verdict: 'better', look: 12 });
    expect(late.medianUnbiased?.estimate).toBeLessThan(late.absolute ?? 0);
    expect(late.medianUnbiased?.lower).toBeGreaterThan(0);
    const fractions = Array.from({ length: 6 }, (_unused, index) => (2 * (index + 7)) / 60);
    const design = { alpha: 0.05, sides: 2, spending: { kind: 'power', exponent: 2 } } as const;
    const criticalValues = boundaries(design, fractions).map(({ criticalValue }) => criticalValue);
    const standardError = (late.absolute ?? 0) / (late.z ?? 1);
    const outcome = { sides: 2, fractions, criticalValues, estimate: 0.012, standardError } as const;
    const { estimate, lower, upper } = stagewiseEstimate(outcome, 0.05);
    expect(late.medianUnbiased?.estimate).toBeCloseTo(estimate, 10);
    expect(late.medianUnbiased?.lower).toBeCloseTo(lower, 10);
    expect(late.medianUnbiased?.upper).toBeCloseTo(upper, 10);
  });

  test('is given at the planned end too, with an interval that contains 0', () => {
    const ended = unbiased(101, 30);
    expect(ended.verdict).toBe('undecided');
    expect(ended.medianUnbiased?.lower).toBeLessThan(0);
    expect(ended.medianUnbiased?.upper).toBeGreaterThan(0);
  });

  test('looks without enough conversions have stopped nothing', () => {
    // Thirty conversions an arm come on day 10: until then no bound could be crossed.
    const scarce = { control: steady(30, 3), treatment: steady(30, 9) };
    const { readings } = readExperiment(plan, data(series('cvr', 'proportion', scarce)), request(30));
    const reading = only(readings);
    expect(reading).toMatchObject({ verdict: 'better', look: 10 });
    expect(reading.medianUnbiased?.estimate).toBeCloseTo(reading.absolute ?? 0, 9);
  });
});

describe('a book of boundaries', () => {
  const fractions = Array.from({ length: 40 }, (_unused, index) => (index + 7) / 50);
  const whole = createBoundaryBook().criticalValues(0.05, fractions);

  test('comes to the same values day by day, by gaps of days, and at once', () => {
    for (const lengths of [fractions.map((_fraction, index) => index + 1), [3, 17, 40]]) {
      const book = createBoundaryBook();
      for (const length of lengths) {
        expect(book.criticalValues(0.05, fractions.slice(0, length))).toEqual(whole.slice(0, length));
      }
    }
  });

  test('keeps levels and corrected histories apart', () => {
    const book = createBoundaryBook();
    book.criticalValues(0.05, fractions);
    expect(book.criticalValues(0.01, fractions)).toEqual(
      createBoundaryBook().criticalValues(0.01, fractions),
    );
    const corrected = [...fractions.slice(0, 20), 0.531, ...fractions.slice(21)];
    expect(book.criticalValues(0.05, corrected)).toEqual(
      createBoundaryBook().criticalValues(0.05, corrected),
    );
    expect(book.criticalValues(0.05, [])).toEqual([]);
  });
});

describe('the other methods', () => {
  test('a fixed horizon is read once, at its planned end', () => {
    const fixed: ExperimentPlan = { ...plan, method: 'fixed_horizon' };
    const before = readExperiment(fixed, cvr(100, 130, 29), request(29));
    expect(only(before.readings)).toMatchObject({ verdict: 'undecided', bound: null, interval: null });
    expect(before.complete).toBe(false);
    const after = readExperiment(fixed, cvr(100, 106, 30), request(30));
    expect(only(after.readings)).toMatchObject({ verdict: 'better', look: 30 });
    expect(only(after.readings).bound).toBeCloseTo(1.96, 3);
    expect(after.complete).toBe(true);
  });

  test('a confidence sequence goes on past its planned units and never closes undecided', () => {
    const open: ExperimentPlan = { ...plan, method: 'confidence_sequence' };
    const read = readExperiment(open, cvr(100, 101, 45), request(45));
    expect(read).toMatchObject({ complete: false, informationFraction: 1.5, daysLeft: 0 });
    const reading = only(read.readings);
    expect(reading).toMatchObject({ verdict: 'undecided', look: 45, method: 'confidence_sequence' });
    const found = only(readExperiment(open, cvr(100, 125, 45), request(45)).readings);
    expect(found).toMatchObject({ verdict: 'better' });
    expect(found.look).toBeLessThan(20);
    expect(found.logE).toBeGreaterThan(Math.log(20));
  });

  test('markets are not read as if their people were independent', () => {
    const geo: ExperimentPlan = { ...plan, kind: 'geo', unit: 'market', grade: 'randomised' };
    const read = readExperiment(geo, cvr(100, 150, 30), request(30));
    expect(only(read.readings)).toMatchObject({ verdict: 'impossible', estimate: null });
    expect(read.grade).toBe('quasi_experiment');
    expect(read.health.srm).toBeNull();
  });
});
