// What a committee is told of an experiment: guardrails, other goals and words, and what holds for any data at all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readExperiment } from '../../domain/experiment.ts';
import { METRIC_NAMES, METRICS } from '../../domain/metric.ts';
import { frenchLabel } from '../../domain/metric-french.ts';
import { isComparable } from '../../domain/playbook/criterion-check.ts';
import { cvr, data, means, only, plan, request, series, steady } from './experiment-fixture.ts';

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
