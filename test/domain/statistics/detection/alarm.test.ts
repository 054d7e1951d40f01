// Alarms end to end: what a growth lead expects to be told of, and above all the quiet of a quiet series.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectSignals } from '../../../../domain/statistics/detection/alarm.ts';
import { cusumThreshold } from '../../../../domain/statistics/detection/departures.ts';
import { expectClose } from '../close.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

const week = [1, 1.1, 1.05, 1, 0.9, 0.6, 0.5];
const daily = { cadence: 'daily', nature: 'count' } as const;

/** Sales of a shop with a weekly rhythm: `level` gives the mean of a day, and the noise is that of counts. */
function sales(days: number, level: (day: number) => number, seed = 918_273_645): number[] {
  const normal = normalSource(seed);
  return Array.from({ length: days }, (_, day) => {
    const mean = level(day) * (week[day % 7] ?? 1);
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  });
}

function replaced(
  series: readonly number[],
  changes: Readonly<Record<number, number | null>>,
): (number | null)[] {
  return series.map((value, index) => (index in changes ? (changes[index] ?? null) : value));
}

describe('what is reported', () => {
  it('tells of two high days as one spike, with the day of the peak and of the beginning', () => {
    const alarms = detectSignals(
      replaced(
        sales(90, () => 80),
        { 60: 170, 61: 240 },
      ),
      daily,
    );
    expect(alarms).toHaveLength(1);
    const [spike] = alarms;
    expect(spike).toMatchObject({ kind: 'spike', began: 60, at: 61, observed: 240 });
    expectClose(spike?.expected, 40 * (week[61 % 7] ?? 0) * 2, 0.15);
    expect(spike?.size.standard).toBeGreaterThan(8);
    expect(spike?.falseAlarmRate).toBeLessThan(0.02);
  });

  it('tells of a day without data of its own as a dip, but not of a day that is missing', () => {
    const broken = detectSignals(
      replaced(
        sales(90, () => 80),
        { 50: 0 },
      ),
      daily,
    );
    expect(broken).toMatchObject([{ kind: 'dip', at: 50, observed: 0 }]);
    expect(
      detectSignals(
        replaced(
          sales(90, () => 80),
          { 50: null, 51: null, 12: null },
        ),
        daily,
      ),
    ).toEqual([]);
  });

  it('tells of a lasting fall of a quarter as a step, and of its size', () => {
    const [step, ...others] = detectSignals(
      sales(120, (day) => (day < 100 ? 80 : 60)),
      daily,
    );
    expect(others).toEqual([]);
    expect(step?.kind).toBe('step');
    expect(Math.abs((step?.began ?? 0) - 100)).toBeLessThanOrEqual(2);
    expectClose((step?.size.absolute ?? 0) / (step?.expected ?? 1), -0.25, 0.2);
    expect(step?.size.standard).toBeLessThan(-1);
  });

  it('tells of a promotion as a rise and a return', () => {
    const alarms = detectSignals(
      sales(180, (day) => (day >= 100 && day < 110 ? 160 : 80)),
      daily,
    );
    expect(alarms.map(({ kind }) => kind)).toEqual(['step', 'step']);
    expect(alarms.map(({ size }) => Math.sign(size.absolute))).toEqual([1, -1]);
  });

  it('tells of a slow decline, and not of steady growth', () => {
    const decline = detectSignals(
      sales(120, (day) => (day < 70 ? 80 : 80 - 0.9 * (day - 70))),
      daily,
    );
    expect(decline.some(({ kind, size }) => kind !== 'spike' && size.absolute < 0)).toBe(true);
    expect(
      detectSignals(
        sales(200, (day) => 40 + 0.4 * day),
        daily,
      ),
    ).toEqual([]);
  });

  it('sees the first sales after none, in a series without noise', () => {
    const alarms = detectSignals(replaced(new Array(60).fill(0), { 40: 5 }), daily);
    expect(alarms).toMatchObject([{ kind: 'spike', at: 40, observed: 5 }]);
    expectClose(alarms[0]?.expected, 0, 0, 0.05);
  });

  it('measures a change in a series without noise by itself', () => {
    const series = replaced(new Array(60).fill(0.1), { 40: 0.3 });
    const [alarm, ...others] = detectSignals(series, { cadence: 'daily', nature: 'amount' });
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({ kind: 'spike', at: 40, size: { standard: 1 } });
    const raised = Array.from({ length: 60 }, (_, day) => (day < 40 ? 0.1 : 0.3));
    expect(detectSignals(raised, { cadence: 'daily', nature: 'amount' })).toMatchObject([
      { kind: 'step', began: 40, at: 46, size: { standard: 1 } },
    ]);
  });

  it('finds a spike in hours with a daily and a weekly rhythm', () => {
    const normal = normalSource(918_273_646);
    const hours = Array.from({ length: 24 * 35 }, (_, hour) => {
      const mean =
        (30 + 25 * Math.sin((2 * Math.PI * hour) / 24)) * (Math.floor(hour / 24) % 7 > 4 ? 0.6 : 1);
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    });
    const alarms = detectSignals(replaced(hours, { 700: 150 }), { cadence: 'hourly', nature: 'count' });
    expect(alarms).toMatchObject([{ kind: 'spike', at: 700 }]);
  });

  it('judges revenue, whose noise grows with its level, by its proportions', () => {
    const normal = normalSource(918_273_647);
    const revenue = Array.from({ length: 150 }, (_, day) => {
      const level = (day >= 120 ? 1.4 : 1) * (week[day % 7] ?? 1);
      return 2000 * level * Math.exp(0.15 * normal());
    });
    const alarms = detectSignals(revenue, { cadence: 'daily', nature: 'amount' });
    const step = alarms.find(({ kind }) => kind === 'step');
    expect(Math.abs((step?.began ?? 0) - 120)).toBeLessThanOrEqual(2);
    expectClose((step?.observed ?? 0) / (step?.expected ?? 1), 1.4, 0.08);
  });
});

describe('quiet series', () => {
  const runs = 60;

  it.each([
    ['normal amounts', 'amount', (normal: () => number) => 100 + 10 * normal()],
    ['counts', 'count', (normal: () => number) => Math.max(0, Math.round(40 + Math.sqrt(40) * normal()))],
  ] as const)('rarely alarms on %s', (_name, nature, draw) => {
    const normal = normalSource(918_273_648);
    let alarmed = 0;
    for (let run = 0; run < runs; run += 1) {
      const series = Array.from({ length: 120 }, () => draw(normal));
      if (detectSignals(series, { cadence: 'daily', nature }).length > 0) alarmed += 1;
    }
    // About 3% by design; six in sixty is three standard errors above.
    expect(alarmed).toBeLessThanOrEqual(6);
  });

  it('rarely alarms on noise that carries over from day to day', () => {
    const normal = normalSource(918_273_649);
    let alarmed = 0;
    for (let run = 0; run < runs; run += 1) {
      let carried = 0;
      const series = Array.from({ length: 120 }, () => {
        carried = 0.5 * carried + 5 * normal();
        return 100 + carried;
      });
      if (detectSignals(series, { cadence: 'daily', nature: 'amount' }).length > 0) alarmed += 1;
    }
    expect(alarmed).toBeLessThanOrEqual(7);
  });

  it('has nothing to say of a constant', () => {
    expect(detectSignals(new Array(40).fill(7), { cadence: 'daily', nature: 'amount' })).toEqual([]);
    expect(detectSignals(new Array(40).fill(0), daily)).toEqual([]);
  });
});

describe('contract', () => {
  it('gives alarms that point into the series, in order, with finite figures', () => {
    const value = fc.option(fc.integer({ min: 0, max: 400 }), { freq: 9, nil: null });
    fc.assert(
      fc.property(fc.array(value, { minLength: 60, maxLength: 90 }), (series) => {
        fc.pre(series.filter((one) => one !== null).length >= 45);
        let before = 0;
        for (const alarm of detectSignals(series, daily)) {
          expect(alarm.at).toBeGreaterThanOrEqual(Math.max(before, alarm.began));
          expect(series[alarm.at]).not.toBeNull();
          expect(alarm.falseAlarmRate).toBeGreaterThan(0);
          expect(alarm.falseAlarmRate).toBeLessThanOrEqual(0.05);
          for (const figure of [alarm.expected, alarm.observed, alarm.size.absolute, alarm.size.standard]) {
            expect(Number.isFinite(figure)).toBe(true);
          }
          before = alarm.at;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('sets the chart so that a longer or stricter watch needs a larger sum', () => {
    // Two-sided with threshold 5 and allowance 0.5: a false alarm every 465 observations (Montgomery, table 9.3).
    expectClose(cusumThreshold(465, 1), 5, 0.03);
    expect(cusumThreshold(365, 0.01)).toBeGreaterThan(cusumThreshold(90, 0.01));
    expect(cusumThreshold(90, 0.01)).toBeGreaterThan(cusumThreshold(90, 0.05));
  });

  it('refuses short, gappy and impossible series', () => {
    expect(
      refusalOf(() =>
        detectSignals(
          sales(20, () => 9),
          daily,
        ),
      ),
    ).toBe('too_few');
    const gappy = sales(60, () => 9).map((value, day) => (day % 5 < 3 ? null : value));
    expect(refusalOf(() => detectSignals(gappy, daily))).toBe('too_few');
    expect(refusalOf(() => detectSignals([...sales(60, () => 9), -1], daily))).toBe('out_of_range');
    expect(refusalOf(() => detectSignals([...sales(60, () => 9), Number.NaN], daily))).toBe('not_finite');
    expect(
      refusalOf(() =>
        detectSignals(
          sales(60, () => 9),
          { ...daily, alpha: 1 },
        ),
      ),
    ).toBe('out_of_range');
  });
});
