// EWMA and CUSUM: the two NIST examples, and the symmetry of rises and falls.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cusumChart, ewmaChart } from '../../../../domain/statistics/detection/control-chart.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

describe('ewmaChart', () => {
  it('gives the averages of NIST 6.3.2.4', () => {
    const values = [
      52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6,
      52.4, 53.6, 52.1,
    ];
    const { averages, halfWidths, alarms } = ewmaChart(values, {
      target: 50,
      sd: 2.0539,
      weight: 0.3,
      limit: 3,
    });
    const rounded = averages.map((average) => Number(average.toFixed(2)));
    expect(rounded).toEqual([
      50.6, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05, 49.38,
      49.92, 50.73, 51.23, 51.94, 51.99,
    ]);
    expectClose(halfWidths[0], 1.84851, 1e-10);
    expectClose(halfWidths.at(-1), 2.5884, 0, 1e-3);
    expect(alarms).toEqual([]);
  });
});

describe('cusumChart', () => {
  it('raises the first alarm of NIST 6.3.2.3 at the fourteenth group', () => {
    const values = [
      324.925, 324.675, 324.725, 324.35, 325.35, 325.225, 324.125, 324.525, 325.225, 324.6, 324.625, 325.15,
      328.325, 327.25, 327.825, 328.5, 326.675, 327.775, 326.875, 328.35,
    ];
    const { alarms, low } = cusumChart(values, { target: 325, allowance: 0.3175, threshold: 4.1959 });
    expect(alarms).toEqual([13, 14, 15, 16, 17, 18, 19]);
    expectClose(low[3], 0.3324999999999818, 0, 1e-10);
  });

  it('sees a fall as the mirror image of a rise', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 60 }), (values) => {
        const options = { target: 0, allowance: 0.5, threshold: 4 };
        const chart = cusumChart(values, options);
        const mirrored = cusumChart(
          values.map((value) => -value),
          options,
        );
        expect(mirrored.low).toEqual(chart.high);
        expect(mirrored.alarms).toEqual(chart.alarms);
      }),
    );
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    const options = { target: 0, sd: 1, weight: 0.2, limit: 3 };
    expect(refusalOf(() => ewmaChart([], options))).toBe('no_data');
    expect(refusalOf(() => ewmaChart([1], { ...options, sd: 0 }))).toBe('zero_variance');
    expect(refusalOf(() => ewmaChart([1], { ...options, weight: 1.5 }))).toBe('out_of_range');
    expect(refusalOf(() => cusumChart([Number.NaN], { target: 0, allowance: 1, threshold: 4 }))).toBe(
      'not_finite',
    );
  });
});
