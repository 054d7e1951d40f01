// Structural time series: a reference case, hand-checked limits, and refusals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectStructural } from '../../../../domain/statistics/detection/structural-time-series.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

const model = {
  irregularVariance: 1.0,
  levelVariance: 0.1,
  seasonalVariance: 0,
  seasonLength: 0,
  initialLevel: 50.0,
  initialVariance: 100.0,
};
const values = [
  50.94678, 50.33945, 50.44641, 50.28482, 49.50492, 49.33777, 48.00627, 51.00197, 49.45467, 48.11253,
  49.30438, 48.55491, 48.63931, 49.33036, 48.18062, 50.38838, 48.58578, 47.90827, 49.71077, 47.90689, 50.6195,
  50.76881, 49.42719, 49.18931, 48.41581, 48.46283, 47.29795, 48.46033, 50.34113, 48.24562, 49.29179,
  50.05095, 52.16183, 51.12389, 51.70062, 50.47987, 53.46737,
];
const bare = { regressors: values.map(() => []), coefficients: [] };

describe('projectStructural', () => {
  it('agrees with a reference', () => {
    const projection = projectStructural(model, { values, ...bare, before: 30 });
    expectClose(projection.logLikelihood, -47.10082261473123, 1e-8);
    expectClose(projection.means[0], 48.80278205502045, 1e-8);
    expectClose(projection.variances.at(-1), 1.970156215828994, 1e-8);
    expectClose(projection.cumulativeEffect, 16.65684561485685, 1e-8);
    expectClose(projection.cumulativeSd, 5.851295119511637, 1e-8);
    expectClose(projection.probabilityPositive, 0.9977912085443759, 1e-8);
  });

  it('is a mean with known noise when the level never moves', () => {
    const still = { ...model, seasonLength: 0, levelVariance: 0, irregularVariance: 4, initialVariance: 1e9 };
    const input = {
      values: [1, 2, 3, 10, 10],
      regressors: [[], [], [], [], []],
      coefficients: [],
      before: 3,
    };
    const { means, variances, cumulativeEffect, cumulativeSd } = projectStructural(still, input);
    expectClose(means[1], 2, 1e-6);
    expectClose(variances[1], 4 + 4 / 3, 1e-6);
    expectClose(cumulativeEffect, 16, 1e-6);
    // Two noises, and twice the same error of the mean.
    expectClose(cumulativeSd, Math.sqrt(2 * 4 + (4 * 4) / 3), 1e-6);
  });

  it('repeats a season that adds up to nothing', () => {
    const shape = [4, -1, -3];
    const series = Array.from({ length: 36 }, (_, index) => 20 + (shape[index % 3] ?? 0));
    const seasonal = {
      ...model,
      seasonLength: 3,
      seasonalVariance: 1e-9,
      levelVariance: 1e-9,
      irregularVariance: 1e-4,
    };
    const input = { values: series, regressors: series.map(() => []), coefficients: [], before: 30 };
    const { means } = projectStructural(seasonal, input);
    for (const [index, projected] of means.entries())
      expectClose(projected, series[30 + index] ?? 0, 0, 1e-3);
  });

  it('gives the effect that was added to every period, less what it finds without', () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (effect) => {
        const before = 30;
        const raised = values.map((value, index) => (index < before ? value : value + effect));
        const without = projectStructural(model, { values, ...bare, before });
        const found = projectStructural(model, { values: raised, ...bare, before });
        const added = effect * (values.length - before);
        expectClose(found.cumulativeEffect - without.cumulativeEffect, added, 1e-9, 1e-8);
        expectClose(found.cumulativeSd, without.cumulativeSd, 1e-12);
      }),
    );
  });

  it('refuses a side without periods, missing regressors and impossible variances', () => {
    expect(refusalOf(() => projectStructural(model, { values, ...bare, before: 0 }))).toBe('too_few');
    expect(refusalOf(() => projectStructural(model, { values, ...bare, before: values.length }))).toBe(
      'too_few',
    );
    const input = { values, regressors: values.map(() => []), coefficients: [2], before: 9 };
    expect(refusalOf(() => projectStructural(model, input))).toBe('contradictory_sums');
    const noiseless = { ...model, irregularVariance: 0 };
    expect(refusalOf(() => projectStructural(noiseless, { values, ...bare, before: 9 }))).toBe(
      'out_of_range',
    );
  });
});
