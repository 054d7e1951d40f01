// Generalised ESD: Rosner's published example, the robust variant, and what it must not find.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generalisedEsd } from '../../../../domain/statistics/detection/esd.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

/** Rosner 1983, also NIST/SEMATECH 1.3.5.17.3. */
const rosner = [
  -0.25, 0.68, 0.94, 1.15, 1.2, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69, 1.7,
  1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.1, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.4,
  2.47, 2.54, 2.62, 2.64, 2.9, 2.92, 2.92, 2.93, 3.21, 3.26, 3.3, 3.59, 3.68, 4.3, 4.64, 5.34, 5.42, 6.01,
];
const options = { maximumOutliers: 10, alpha: 0.05, hybrid: false, direction: 'both' } as const;

describe('generalisedEsd', () => {
  it('finds the three outliers of the published example, the second of which is masked', () => {
    const { deviations, limits, outliers } = generalisedEsd(rosner, options);
    expect(outliers).toEqual([51, 52, 53]);
    for (const [step, [deviation, limit]] of [
      [3.118906048982442, 3.1587939408874943],
      [2.942973113643506, 3.1514300233160126],
      [3.179423936717836, 3.143889685031995],
    ].entries()) {
      expectClose(deviations[step], deviation ?? 0, 1e-9);
      expectClose(limits[step], limit ?? 0, 1e-8);
    }
  });

  it('looks on one side alone when asked to', () => {
    const values = [...rosner.slice(0, 49), -9, 12];
    expect(generalisedEsd(values, { ...options, direction: 'positive' }).outliers).toContain(50);
    expect(generalisedEsd(values, { ...options, direction: 'positive' }).outliers).not.toContain(49);
    expect(generalisedEsd(values, { ...options, direction: 'negative' }).outliers).toEqual([49]);
  });

  it('stops where no spread is left', () => {
    const flat = [5, 5, 5, 5, 5, 5, 9];
    expect(generalisedEsd(flat, { ...options, maximumOutliers: 3, hybrid: true }).deviations).toEqual([]);
    expect(generalisedEsd(flat, { ...options, maximumOutliers: 3 }).outliers).toEqual([6]);
  });

  it('does not depend on the unit or the origin', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 12, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (sample, shift) => {
        const moved = sample.map((value) => 4 * value + shift);
        const small = { ...options, maximumOutliers: 3 };
        expect(generalisedEsd(moved, small).outliers).toEqual(generalisedEsd(sample, small).outliers);
      }),
    );
  });

  it('refuses short samples and impossible settings', () => {
    expect(refusalOf(() => generalisedEsd([1, 2], options))).toBe('too_few');
    expect(refusalOf(() => generalisedEsd(rosner, { ...options, maximumOutliers: 53 }))).toBe('out_of_range');
    expect(refusalOf(() => generalisedEsd(rosner, { ...options, alpha: 0 }))).toBe('out_of_range');
    expect(refusalOf(() => generalisedEsd([1, 2, Number.NaN, 4], { ...options, maximumOutliers: 1 }))).toBe(
      'not_finite',
    );
  });
});
