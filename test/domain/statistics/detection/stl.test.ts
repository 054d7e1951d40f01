// STL and the seasonal hybrid ESD: two weekly series against a reference, a perfect season, and refusals.
import { describe, expect, it } from 'vitest';
import { seasonalHybridEsd } from '../../../../domain/statistics/detection/seasonal-hybrid-esd.ts';
import { decompose } from '../../../../domain/statistics/detection/stl.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

const cases = [
  {
    robust: true,
    seasonalWindow: 11,
    values: [
      99.019, 112.682, 111.806, 105.898, 91.446, 88.791, 89.539, 103.37, 110.268, 112.168, 111.205, 97.784,
      91.097, 92.755, 101.936, 109.323, 107.84, 108.42, 93.032, 93.636, 94.94, 108.413, 109.517, 116.138,
      107.549, 98.155, 92.754, 65.813, 97.067, 114.797, 119.861, 102.213, 96.991, 94.682, 92.35, 103.911,
      112.766, 114.041, 109.152, 93.507, 89.144, 93.429, 105.323, 152.233, 116.262, 102.961, 99.718, 93.076,
      96.478, 107.637, 115.051, 116.703, 108.754, 100.173, 94.575, 98.346,
    ],
    seasonal: [0.554763643, 9.995733654, 11.009061876, 7.165860573, -7.832891049, -10.87213967, -9.999242943],
    trend: [99.563241281, 99.679646184, 99.822511596, 106.233512328, 106.495292705, 106.76601953],
    outliers: [27, 43],
  },
  {
    robust: false,
    seasonalWindow: 13,
    values: [
      130.16500000000002, 110.084, 112.124, 99.701, 96.353, 91.304, 89.845, 98.591, 108.662, 112.413, 102.889,
      94.408, 89.144, 64.885, 104.467, 112.726, 110.106, 103.031, 97.695, 95.345, 93.251, 103.768, 110.797,
      114.369, 105.623, 97.065, 87.05, 92.584, 99.308, 113.987, 107.053, 108.226, 94.264, 96.371, 95.981,
    ],
    seasonal: [
      15.641974231, 6.978398996, 11.36401887, -0.366304705, -3.400503096, -8.449627847, -19.03587463,
    ],
    trend: [107.089919891, 105.692434763, 104.360489256, 102.161464829, 102.532967197, 102.933623235],
    outliers: [7, 13],
  },
];

describe('decompose', () => {
  it.each(cases)(
    'agrees with a reference, robust $robust',
    ({ robust, seasonalWindow, values, seasonal, trend, outliers }) => {
      const options = {
        period: 7,
        seasonalWindow,
        robust,
        maximumOutliers: 2,
        alpha: 0.05,
        direction: 'both',
      } as const;
      const { decomposition, outliers: found } = seasonalHybridEsd(values, options);
      for (const [index, value] of seasonal.entries())
        expectClose(decomposition.seasonal[index], value, 0, 1e-6);
      const ends = [...decomposition.trend.slice(0, 3), ...decomposition.trend.slice(-3)];
      for (const [index, value] of trend.entries()) expectClose(ends[index], value, 0, 1e-6);
      expect(found).toEqual(outliers);
    },
  );

  it('gives back a series that is a line and a season, with nothing left over', () => {
    const shape = [3, 1, 0, -1, -2, -2, 1];
    const values = Array.from({ length: 70 }, (_, day) => 100 + 0.5 * day + (shape[day % 7] ?? 0));
    const { seasonal, trend, remainder } = decompose(values, {
      period: 7,
      seasonalWindow: 13,
      robust: false,
    });
    for (const rest of remainder) expectClose(rest, 0, 0, 1e-2);
    for (const [day, value] of values.entries()) {
      expectClose((seasonal[day] ?? 0) + (trend[day] ?? 0) + (remainder[day] ?? 0), value, 1e-12);
    }
  });

  it('takes a constant as it is', () => {
    const { seasonal, trend } = decompose(new Array(21).fill(4), {
      period: 7,
      seasonalWindow: 7,
      robust: true,
    });
    expectClose(trend[10], 4, 1e-12);
    expectClose(seasonal[10], 0, 0, 1e-12);
  });

  it('refuses less than two seasons and windows without a middle', () => {
    const values = Array.from({ length: 20 }, (_, index) => index);
    const options = { period: 7, seasonalWindow: 7, robust: false };
    expect(refusalOf(() => decompose(values.slice(0, 13), options))).toBe('too_few');
    expect(refusalOf(() => decompose(values, { ...options, seasonalWindow: 8 }))).toBe('out_of_range');
    expect(refusalOf(() => decompose(values, { ...options, period: 1 }))).toBe('out_of_range');
    expect(refusalOf(() => decompose([...values, Number.NaN], options))).toBe('not_finite');
  });
});
