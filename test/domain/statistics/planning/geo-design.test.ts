// Geo designs on simulated markets: like is matched with like, and the promised effect is really found.
import { describe, expect, it } from 'vitest';
import { timeBasedRegression } from '../../../../domain/statistics/incrementality/time-based-regression.ts';
import {
  designGeoTest,
  type GeoDesignRequest,
  type GeoHistory,
} from '../../../../domain/statistics/planning/geo-design.ts';
import { treatedCandidates } from '../../../../domain/statistics/planning/market-candidates.ts';
import { correlation, sumOf } from '../../../../domain/statistics/planning/market-matching.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

/** Markets of two climates: those of one climate share their daily shocks. Noise is 2% of a market's level. */
function simulatedMarkets(seed: number, days: number): number[][] {
  const normal = normalSource(seed);
  const climates = [0, 1].map(() => Array.from({ length: days }, () => normal()));
  return Array.from({ length: 12 }, (_unused, market) => {
    const level = 1000 + 250 * market;
    return Array.from({ length: days }, (_day, day) => {
      const week = 1 + 0.1 * Math.sin((2 * Math.PI * day) / 7);
      return level * (week + 0.05 * (climates[market % 2]?.[day] ?? 0) + 0.02 * normal());
    });
  });
}

const markets = Array.from({ length: 12 }, (_unused, index) => `${index % 2 === 0 ? 'dry' : 'wet'} ${index}`);
const history: GeoHistory = { markets, outcome: simulatedMarkets(11, 112), periodsPerWeek: 7 };
const request: GeoDesignRequest = {
  treatedCount: 2,
  maximumWeeks: 4,
  targetEffect: 0.015,
  alpha: 0.05,
  power: 0.8,
  weeklyCost: 5000,
};

describe('designGeoTest', () => {
  const designs = designGeoTest(history, request);
  const best = designs[0];

  it('keeps treated and control apart and matches climates', () => {
    expect(designs).toHaveLength(5);
    for (const { treated, control, correlation: match } of designs) {
      expect(treated).toHaveLength(2);
      expect(control.some((market) => treated.includes(market))).toBe(false);
      expect(match).toBeGreaterThan(0.9);
    }
  });

  it('finds smaller effects with more weeks, and asks for the first that suffices', () => {
    const effects = best?.minimumEffects ?? [];
    for (let week = 1; week < effects.length; week += 1) {
      expect(effects[week]).toBeLessThan(effects[week - 1] ?? 0);
    }
    const weeks = best?.weeks ?? 0;
    expect(effects[weeks - 1]).toBeLessThanOrEqual(0.015);
    if (weeks > 1) expect(effects[weeks - 2]).toBeGreaterThan(0.015);
    expect(best?.cost).toBe(5000 * weeks);
    expect(best?.minimumReturnOnSpend).toBeGreaterThan(0);
    expect(best?.placeboPassed).toBe(true);
  });

  it('promises effects that the read-out finds as often as promised, though the best match was picked', () => {
    let [found, runs] = [0, 0];
    for (let trial = 0; trial < 25; trial += 1) {
      const past = { ...history, outcome: simulatedMarkets(500 + trial, 112) };
      const chosen = designGeoTest(past, { ...request, designs: 1 })[0];
      for (let repeat = 0; repeat < 20; repeat += 1) {
        const outcome = simulatedMarkets(10_000 + 100 * trial + repeat, 126);
        const totalOf = (names: readonly string[] = []) =>
          sumOf(names.map((name) => outcome[markets.indexOf(name)] ?? []));
        const lift = 1 + (chosen?.minimumEffects[1] ?? 0);
        const treatment = totalOf(chosen?.treated).map((value, day) => (day >= 112 ? value * lift : value));
        const control = totalOf(chosen?.control);
        const plan = { prePeriods: 112, testPeriods: 14, level: 0.95, tails: 1 } as const;
        if (timeBasedRegression({ control, treatment, ...plan }).lower > 0) found += 1;
        runs += 1;
      }
    }
    expect(found / runs).toBeGreaterThan(0.75);
    expect(found / runs).toBeLessThan(0.93);
  });

  it('treats only eligible markets', () => {
    const eligible = ['dry 0', 'wet 1', 'dry 2'];
    for (const { treated } of designGeoTest(history, { ...request, eligible })) {
      expect(treated.every((market) => eligible.includes(market))).toBe(true);
    }
  });

  it('says when even the longest test is too short', () => {
    const [design] = designGeoTest(history, { ...request, targetEffect: 1e-4 });
    expect(design?.weeks).toBeNull();
    expect(design?.cost).toBe(20000);
  });

  it('refuses what cannot be designed', () => {
    const asked = (change: Partial<GeoDesignRequest>) =>
      refusalOf(() => designGeoTest(history, { ...request, ...change }));
    expect(asked({ treatedCount: 12 })).toBe('too_few');
    expect(asked({ treatedCount: 0 })).toBe('out_of_range');
    expect(asked({ maximumWeeks: 9 })).toBe('too_few');
    expect(asked({ eligible: ['dry 0'] })).toBe('too_few');
    expect(asked({ targetEffect: 0 })).toBe('out_of_range');
    const flat = { ...history, outcome: history.outcome.map((row) => row.map(() => 5)) };
    expect(refusalOf(() => designGeoTest(flat, request))).toBe('zero_variance');
    const ragged = { ...history, outcome: history.outcome.slice(1) };
    expect(refusalOf(() => designGeoTest(ragged, request))).toBe('contradictory_sums');
  });
});

describe('treatedCandidates', () => {
  const all = Array.from({ length: 12 }, (_unused, index) => index);

  it('tries every set while they are few', () => {
    expect(treatedCandidates(history.outcome, 80, all, 2)).toHaveLength(66);
  });

  it('grows sets of the right size when they are many', () => {
    const wide = simulatedMarkets(5, 60).flatMap((row) => [
      row,
      row.map((value) => value + 1),
      row.map((v) => v + 2),
    ]);
    const many = wide.map((_unused, index) => index);
    const candidates = treatedCandidates(wide, 60, many, 5);
    expect(candidates.length).toBeLessThanOrEqual(many.length);
    for (const candidate of candidates) expect(new Set(candidate).size).toBe(5);
  });
});

describe('correlation', () => {
  it('is 1, -1 or 0 where it must be', () => {
    expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 15);
    expect(correlation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 15);
    expect(correlation([1, 2, 3], [4, 4, 4])).toBe(0);
  });
});
