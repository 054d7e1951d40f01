// What a committee is told of an experiment, and when: the method's rules, health, words, and refusals as readings.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isComparable } from '../../domain/criterion-check.ts';
import { type ArmReading, type ExperimentData, readExperiment } from '../../domain/experiment.ts';
import { METRIC_NAMES, METRICS } from '../../domain/metric.ts';
import { frenchLabel } from '../../domain/metric-french.ts';
import type { ExperimentPlan } from '../../domain/playbook.ts';
import { boundaries } from '../../domain/statistics/planning/group-sequential.ts';
import { data, means, plan, request, series, shares, steady } from './experiment-fixture.ts';

function cvr(control: number, treatment: number, days: number): ExperimentData {
  return data(
    series('cvr', 'proportion', { control: steady(days, control), treatment: steady(days, treatment) }),
  );
}

function only(readings: readonly ArmReading[]): ArmReading {
  const [reading] = readings;
  if (reading === undefined || readings.length > 1) throw new Error(`${readings.length} readings`);
  return reading;
}

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

describe('health before verdict', () => {
  test('arms without their planned shares give no verdict', () => {
    const skewed = data(
      series('cvr', 'proportion', { control: steady(20, 100, 1000), treatment: steady(20, 180, 1100) }),
    );
    const read = readExperiment(plan, skewed, request(20));
    expect(read.health.healthy).toBe(false);
    expect(read.health.srm).toMatchObject({ mismatch: true });
    expect(read.health.sentence).toBe(
      'The arms do not have their planned shares: control got 47.6% of the units instead of 50.0%, treatment got 52.4% of the units instead of 50.0%. Something is broken: no verdict can be taken.',
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

  test('no data at all', () => {
    const nothing: ExperimentData = { looks: 0, units: {}, metrics: [] };
    const read = readExperiment(plan, nothing, request(3));
    expect(read).toMatchObject({ readings: [], complete: false, informationFraction: 0, daysLeft: null });
    expect(read.health.problems.map(({ code }) => code)).toEqual(['no_units', 'too_young']);
  });
});

describe('guardrails', () => {
  const withChurn = (control: number, treatment: number) =>
    data(
      series('cvr', 'proportion', { control: steady(20, 100), treatment: steady(20, 100) }),
      series('churn', 'proportion', { control: steady(20, control), treatment: steady(20, treatment) }),
    );
  const guarded = request(20, {
    guardrails: [
      { metric: 'churn', margin: 0.2 },
      { metric: 'churn', margin: 0.1 },
    ],
  });
  const read = (control: number, treatment: number) =>
    readExperiment(plan, withChurn(control, treatment), guarded).readings.find(
      ({ metric }) => metric === 'churn',
    );

  test('less churn than the smaller margin allows is shown, more is harm, between is open', () => {
    expect(read(200, 195)).toMatchObject({
      role: 'guardrail',
      nonInferiority: 'shown',
      verdict: 'undecided',
      margin: 0.1,
    });
    expect(read(200, 260)).toMatchObject({ nonInferiority: 'harm', verdict: 'worse' });
    expect(read(200, 220)).toMatchObject({ nonInferiority: 'undecided', verdict: 'undecided' });
  });

  test('for a metric of which less is better, goodness has the other sign', () => {
    const harmed = read(200, 260);
    expect(harmed?.estimate).toBeCloseTo(0.3, 10);
    expect(harmed?.goodness).toBeCloseTo(-0.3, 10);
    expect(harmed?.interval?.lower).toBeGreaterThan(0.1);
  });

  test('a goal that is guarded too is one reading', () => {
    const { readings } = readExperiment(
      plan,
      withChurn(200, 195),
      request(20, { goals: ['cvr', 'churn'], guardrails: [{ metric: 'churn', margin: 0.1 }] }),
    );
    expect(readings.map(({ metric, role, nonInferiority }) => [metric, role, nonInferiority])).toEqual([
      ['cvr', 'primary', null],
      ['churn', 'goal', 'shown'],
    ]);
  });
});

describe('other goals', () => {
  test('are judged with Holm over goals and arms, by sequences tuned to their own units', () => {
    const many = data(
      series('cvr', 'proportion', { control: steady(25, 100), treatment: steady(25, 101) }),
      series('ctr', 'proportion', { control: steady(25, 300), treatment: steady(25, 330) }),
      series('nps', 'mean', { control: means(25, 0.2, 0.8, 40), treatment: means(25, 0.36, 0.8, 40) }),
      series('trust', 'mean', { control: means(25, 5, 2), treatment: means(25, 5.01, 2) }),
    );
    const { readings } = readExperiment(plan, many, request(25, { goals: ['cvr', 'ctr', 'nps', 'trust'] }));
    expect(readings.map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['cvr', 'undecided'],
      ['ctr', 'better'],
      ['nps', 'better'],
      ['trust', 'undecided'],
    ]);
    for (const { p, verdict, role } of readings) {
      if (role === 'goal') expect((p ?? 1) <= 0.05).toBe(verdict === 'better');
    }
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

describe('figures for people', () => {
  test('the sentences', () => {
    const { readings } = readExperiment(plan, cvr(100, 125, 15), request(15));
    const { interval, shrunken, sentence } = only(readings);
    const [low, high, kept] = [interval?.lower, interval?.upper, shrunken?.shrunken].map((value) =>
      (100 * (value ?? 0)).toFixed(1),
    );
    expect(sentence.en).toBe(
      `Conversion rate (CVR), treatment: 25.0% higher than control (between ${low}% higher and ${high}% higher). This is better, settled on day 7. Allowing for luck, count on ${kept}% higher.`,
    );
    const french = [low, high, kept].map((text) => text?.replace('.', ','));
    expect(sentence.fr).toBe(
      `Taux de conversion (CVR), « treatment » : 25,0 % de plus que « control » (entre ${french[0]} % de plus et ${french[1]} % de plus). C’est mieux, acquis au jour 7. En faisant la part de la chance, compter sur ${french[2]} % de plus.`,
    );
  });

  test('every metric that arms are compared by has a French name', () => {
    const same = METRIC_NAMES.filter(isComparable).filter(
      (metric) => frenchLabel(metric) === METRICS[metric].label,
    );
    expect(same).toEqual([]);
  });

  test('days left, from the pace of the last week', () => {
    const slow = data(
      series('cvr', 'proportion', {
        control: [
          ...steady(10, 100),
          ...Array.from({ length: 7 }, (_u, i) => ({
            n: 10_000 + 500 * (i + 1),
            sum: 1000 + 50 * (i + 1),
            sumSquares: null,
          })),
        ],
        treatment: [
          ...steady(10, 100),
          ...Array.from({ length: 7 }, (_u, i) => ({
            n: 10_000 + 500 * (i + 1),
            sum: 1000 + 50 * (i + 1),
            sumSquares: null,
          })),
        ],
      }),
    );
    // 27,000 of 60,000 units are in, 1,000 a day of late.
    expect(readExperiment(plan, slow, request(17)).daysLeft).toBe(33);
  });

  test('the estimate is shrunken by the prior that is given', () => {
    const prior = { mean: 0.02, sd: 0.03, source: 'history', studies: 8 } as const;
    const { shrunken, estimate } = only(
      readExperiment(plan, cvr(100, 125, 15), request(15, { prior })).readings,
    );
    expect(shrunken?.prior).toEqual(prior);
    expect(shrunken?.raw).toBe(estimate);
    expect(shrunken?.shrunken).toBeLessThan(0.15);
  });
});

test('any data: JSON without loss, intervals that agree with verdicts, shown and harm never both', () => {
  const days = fc.integer({ min: 0, max: 70 });
  const rate = fc.integer({ min: 0, max: 1000 });
  const figure = fc.integer({ min: -500, max: 500 }).map((tenths) => tenths / 10);
  const spread = fc.integer({ min: 0, max: 3000 }).map((hundredths) => hundredths / 100);
  const method = fc.constantFrom('group_sequential', 'confidence_sequence', 'fixed_horizon');
  fc.assert(
    fc.property(
      days,
      fc.tuple(rate, rate, rate, rate),
      fc.tuple(figure, figure, spread, spread),
      method,
      (length, [a, b, c, d], [m1, m2, s1, s2], chosen) => {
        const read = readExperiment(
          { ...plan, method: chosen },
          data(
            series('cvr', 'proportion', { control: steady(length, a), treatment: steady(length, b) }),
            series('churn', 'proportion', { control: steady(length, c), treatment: steady(length, d) }),
            series('trust', 'mean', { control: means(length, m1, s1), treatment: means(length, m2, s2) }),
          ),
          request(length, {
            goals: ['cvr', 'trust'],
            guardrails: [
              { metric: 'churn', margin: 0.1 },
              { metric: 'trust', margin: 0.2 },
            ],
          }),
        );
        expect(JSON.parse(JSON.stringify(read))).toEqual(read);
        for (const { metric, role, verdict, interval, estimate, nonInferiority, margin } of read.readings) {
          if (interval === null || estimate === null) continue;
          expect(interval.lower).toBeLessThanOrEqual(estimate + 1e-9);
          expect(interval.upper).toBeGreaterThanOrEqual(estimate - 1e-9);
          if (role === 'guardrail') {
            // Less churn is better: harm lies above the margin.
            if (nonInferiority === 'shown') expect(interval.upper).toBeLessThanOrEqual((margin ?? 0) + 1e-9);
            else expect(interval.upper).toBeGreaterThanOrEqual((margin ?? 0) - 1e-9);
            expect(interval.lower > (margin ?? 0) + 1e-9 && nonInferiority !== 'harm').toBe(false);
          } else {
            expect(interval.lower > 1e-12).toBe(verdict === 'better');
            expect(interval.upper < -1e-12).toBe(verdict === 'worse');
          }
          expect(METRICS[metric].direction).not.toBe('none');
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('sums that no data could give are never thrown, by any method', () => {
  const wild = fc.oneof(
    fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY),
    fc.integer({ min: 0, max: 5000 }),
  );
  const look = fc.record({ n: wild, sum: wild, sumSquares: fc.oneof(fc.constant(null), wild) });
  const looks = fc.array(look, { minLength: 9, maxLength: 9 });
  const method = fc.constantFrom('group_sequential', 'confidence_sequence', 'fixed_horizon');
  fc.assert(
    fc.property(looks, looks, method, fc.boolean(), (control, treatment, chosen, isMean) => {
      const kind = isMean ? 'mean' : 'proportion';
      const read = readExperiment(
        { ...plan, method: chosen, plannedUnits: 3000 },
        data(
          series('cvr', kind, { control, treatment }),
          series('churn', kind, { control: treatment, treatment: control }),
        ),
        request(9, { goals: ['churn'], guardrails: [{ metric: 'churn', margin: 0.1 }] }),
      );
      for (const { estimate, absolute, z, p } of read.readings) {
        for (const value of [estimate, absolute, z, p])
          expect(value === null || Number.isFinite(value)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
