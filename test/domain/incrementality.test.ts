// What a campaign added: figures worked out by hand for each way, agreement between ways, and data without an answer.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import type { GeoTest } from '../../domain/incrementality/geo.ts';
import { type IncrementalityReadOut, readIncrementality } from '../../domain/incrementality.ts';

function figure({ headline }: IncrementalityReadOut) {
  if ('impossible' in headline) throw new Error(headline.detail);
  return headline;
}

describe('a randomised holdout', () => {
  const request = {
    kind: 'holdout',
    treated: { people: 10_000, conversions: 600, revenue: 30_000, revenueSquares: 2_000_000 },
    holdout: { people: 5_000, conversions: 250, revenue: 12_500, revenueSquares: 800_000 },
    outcome: 'conversions',
    alpha: 0.05,
    spend: 2_000,
  } as const;

  test('adds (6% - 5%) of 10,000 people, at 20 each', () => {
    const read = readIncrementality(request);
    const found = figure(read);
    expect(found.increment).toBeCloseTo(100, 8);
    expect(found.relative).toBeCloseTo(0.2, 10);
    // 10,000 sqrt(.06 .94 / 10,000 + .05 .95 / 5,000) = 38.9; 1.959964 of them either side.
    const error = 10_000 * Math.sqrt(0.0564 / 10_000 + 0.0475 / 5_000);
    expect(found.interval?.lower).toBeCloseTo(100 - 1.959963985 * error, 5);
    expect(read).toMatchObject({ grade: 'randomised', verdict: 'more', agree: true });
    expect(read.sentence.en).toMatch(
      /^100 were added against a randomised holdout \(between .*\): it brought something\.$/,
    );
  });

  test('returns (3 - 2.5) of 10,000 people over the spend', () => {
    const read = readIncrementality({ ...request, outcome: 'revenue' });
    expect(figure(read).returnOnSpend?.ratio).toBeCloseTo(2.5, 10);
  });

  test('without people there is no figure, and it says so', () => {
    const read = readIncrementality({ ...request, holdout: { ...request.holdout, people: 0 } });
    expect(read).toMatchObject({ verdict: 'impossible', headline: { impossible: 'no_data' }, agree: null });
    expect(read.sentence.fr).toContain('ne peut pas être calculé');
  });
});

describe('a geographic test', () => {
  /**
   * Twelve markets of rising size with a common course and their own noise; three treated from day 42 on. In the
   * middle of the sizes the others can make up for them, at the small end they cannot.
   */
  function panel(effect: number, { drift = 0, first = 4 } = {}): GeoTest {
    const random = xoroshiro128plus(11);
    const noise = () => 8 * (uniformFloat64(random) - 0.5);
    const markets = Array.from({ length: 12 }, (_unused, index) => `m${index}`);
    const outcome = markets.map((_market, index) =>
      Array.from({ length: 63 }, (_unused, day) => {
        const common = 200 + 20 * Math.sin((2 * Math.PI * day) / 7) + day;
        const treated = index >= first && index < first + 3 ? drift * day + (day >= 42 ? effect : 0) : 0;
        return (1 + index / 20) * common + treated + noise();
      }),
    );
    return {
      kind: 'geo',
      markets,
      treated: markets.slice(first, first + 3),
      outcome,
      firstDay: 42,
      alpha: 0.05,
      spend: 500,
    };
  }

  test('finds what was put in, three ways', () => {
    const read = readIncrementality(panel(20));
    const found = figure(read);
    // 3 markets x 21 days x 20.
    expect(found.interval?.lower).toBeLessThan(1260);
    expect(found.interval?.upper).toBeGreaterThan(1260);
    expect(Math.abs(found.increment - 1260)).toBeLessThan(130);
    expect(found.returnOnSpend?.ratio).toBeCloseTo(found.increment / 500, 10);
    expect(read).toMatchObject({ grade: 'quasi_experiment', verdict: 'more', agree: true });
    expect(read.checks.map(({ method }) => method)).toEqual([
      'difference_in_differences',
      'synthetic_control',
    ]);
  });

  test('finds nothing where nothing was done', () => {
    expect(readIncrementality(panel(0)).verdict).toBe('undecided');
  });

  test('doubts differences between markets that were drifting apart before', () => {
    const [differences] = readIncrementality(panel(0, { drift: 1 })).checks;
    if (differences === undefined || 'impossible' in differences) throw new Error('no figure');
    expect(differences.doubts.join()).toContain('not on parallel paths');
  });

  test('doubts a synthetic market that never matched the treated ones', () => {
    const [, synthetic] = readIncrementality(panel(20, { first: 0 })).checks;
    if (synthetic === undefined || 'impossible' in synthetic) throw new Error('no figure');
    expect(synthetic.doubts.join()).toContain('the controls miss the treated');
  });

  test('needs its markets', () => {
    const test = panel(20);
    expect(readIncrementality({ ...test, treated: ['elsewhere'] })).toMatchObject({
      verdict: 'impossible',
      headline: { impossible: 'out_of_range' },
    });
    expect(readIncrementality({ ...test, treated: [] })).toMatchObject({
      headline: { impossible: 'too_few' },
    });
    expect(readIncrementality({ ...test, treated: test.markets })).toMatchObject({
      headline: { impossible: 'too_few' },
    });
  });
});

describe('before and after', () => {
  const weeks = (...totals: readonly number[]) => totals.flatMap((total) => Array<number>(7).fill(total / 7));

  test('compares whole weeks and doubts itself', () => {
    // Three days before the first whole week, and four after the last one, are left out.
    const read = readIncrementality({
      kind: 'prepost',
      before: [9, 9, 9, ...weeks(70, 77, 63)],
      after: [...weeks(105, 98, 112), 1, 1, 1, 1],
      alpha: 0.05,
      spend: null,
    });
    const found = figure(read);
    expect(found.increment).toBeCloseTo(105, 8);
    expect(found.relative).toBeCloseTo(0.5, 8);
    expect(found.doubts).toHaveLength(1);
    expect(read).toMatchObject({ grade: 'pre_post', verdict: 'more', agree: null });
  });

  test('needs two weeks on each side', () => {
    const read = readIncrementality({
      kind: 'prepost',
      before: weeks(70, 77),
      after: weeks(105).slice(0, 6),
      alpha: 0.05,
      spend: null,
    });
    expect(read).toMatchObject({ verdict: 'impossible', headline: { impossible: 'no_data' } });
  });
});
