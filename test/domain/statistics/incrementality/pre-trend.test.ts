// Pre-trends: found where they are, and not more often than alpha where they are not.
import { describe, expect, it } from 'vitest';
import { preTrend } from '../../../../domain/statistics/incrementality/pre-trend.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

const treatedUnits = [0, 1, 2, 3, 4, 5, 6, 7];

/** 20 units, 8 periods, the treatment from the sixth on; `drift` is the treated units' extra slope. */
function panel(normal: () => number, drift: number) {
  const y = Array.from({ length: 20 }, (_unused, unit) => {
    const level = 10 + 3 * normal();
    const own = 0.1 * normal();
    return Array.from({ length: 8 }, (_period, period) => {
      const slope = own + (unit < 8 ? drift : 0);
      return level + slope * period + 0.5 * normal();
    });
  });
  return { y, treatedUnits, firstPostPeriod: 5 };
}

describe('preTrend', () => {
  it('gives the slope, the bias that it implies, and agrees between its tests', () => {
    const result = preTrend(panel(normalSource(3), 1), 0.05);
    expect(result.slopeDifference).toBeGreaterThan(0.7);
    expect(result.slopeDifference).toBeLessThan(1.3);
    expect(result.impliedBias).toBeCloseTo(4 * result.slopeDifference, 12);
    expect(result.p).toBeLessThan(1e-4);
    expect(result.lower).toBeGreaterThan(0);
    expect(result.joint?.p).toBeLessThan(1e-4);
    expect(result.placeboEffect?.p).toBeLessThan(1e-3);
  });

  it('rejects parallel trends at its own rate', () => {
    const normal = normalSource(4);
    const runs = 1500;
    let [slope, joint] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      const result = preTrend(panel(normal, 0), 0.05);
      if (result.p < 0.05) slope += 1;
      if ((result.joint?.p ?? 1) < 0.05) joint += 1;
    }
    expect(Math.abs(slope / runs - 0.05)).toBeLessThan(0.017);
    expect(Math.abs(joint / runs - 0.05)).toBeLessThan(0.017);
  });

  it('leaves out what the panel is too small for', () => {
    const { y } = panel(normalSource(5), 0);
    const small = { y: [0, 1, 8, 9].map((unit) => y[unit] ?? []), treatedUnits: [0, 1], firstPostPeriod: 3 };
    const result = preTrend(small, 0.05);
    expect(result.joint).not.toBeNull();
    expect(result.placeboEffect).toBeNull();
    expect(preTrend({ ...small, firstPostPeriod: 5 }, 0.05).joint).toBeNull();
  });

  it('refuses what has no trend', () => {
    const whole = panel(normalSource(6), 0);
    expect(refusalOf(() => preTrend({ ...whole, firstPostPeriod: 2 }, 0.05))).toBe('too_few');
    expect(refusalOf(() => preTrend({ ...whole, treatedUnits: [0] }, 0.05))).toBe('too_few');
    const flat = { ...whole, y: whole.y.map((row) => row.map(() => 1)) };
    expect(refusalOf(() => preTrend(flat, 0.05))).toBe('zero_variance');
  });
});
