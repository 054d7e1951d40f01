// What stands out in daily counts, dated and worded; series in which nothing can be told say nothing.
import { expect, test } from 'vitest';
import { DAY } from '../../domain/duration.ts';
import { METRIC_NAMES, METRICS, type Metric } from '../../domain/metric.ts';
import { frenchLabel } from '../../domain/metric-french.ts';
import { type DailyCount, FEWEST_SIGNAL_DAYS, MOST_SIGNAL_DAYS, readSignals } from '../../domain/signals.ts';

const ordinary = (index: number) => 500 + Math.round(40 * Math.sin(index * 5.1) + 30 * Math.sin(index * 2.3));

/** Days from 1 January 2026; a value of null is a day that was not observed. */
function series(metric: Metric, days: number, value: (index: number) => number | null): DailyCount[] {
  return Array.from({ length: days }, (_, index) => ({ index, sum: value(index) })).flatMap(
    ({ index, sum }) => (sum === null ? [] : [{ metric, day: dateOf(index), sum: String(sum) }]),
  );
}

function dateOf(index: number): string {
  return new Date(Date.UTC(2026, 0, 1) + index * DAY).toISOString().slice(0, 10);
}

test('a quiet series has no signal', () => {
  expect(readSignals(series('search_queries', 120, ordinary))).toEqual([]);
});

test('a new level is told from the day on which it began', () => {
  const [signal, ...others] = readSignals(
    series('demand_mentions', 90, (index) => ordinary(index) + (index >= 60 ? 300 : 0)),
  );
  expect(others).toEqual([]);
  expect(signal).toMatchObject({ metric: 'demand_mentions', kind: 'step', began: dateOf(60) });
  expect(signal?.size.absolute).toBeCloseTo(300, -2);
  expect(signal?.sentence.en).toContain(`a higher level since ${dateOf(60)}`);
  expect(signal?.sentence.fr).toContain(`un niveau plus haut depuis le ${dateOf(60)}`);
});

test('each metric has its own series, and days that were not observed are not zeros', () => {
  const gaps = series('search_queries', 90, (index) => (index % 9 === 4 ? null : ordinary(index)));
  const spike = series('brand_mentions', 60, (index) => (index === 40 ? 1500 : ordinary(index)));
  expect(readSignals([...gaps, ...spike])).toMatchObject([
    { metric: 'brand_mentions', kind: 'spike', at: dateOf(40), observed: 1500 },
  ]);
});

test('counts that were estimated, and so are not whole, can be read too', () => {
  const estimated = series('search_queries', 60, (index) => (index === 40 ? 1500.5 : ordinary(index) + 0.25));
  expect(readSignals(estimated)).toMatchObject([{ kind: 'spike', at: dateOf(40) }]);
});

test('too few days, or mostly missing ones, tell nothing', () => {
  const wild = (index: number) => (index === 10 ? 5000 : ordinary(index));
  expect(readSignals(series('search_queries', FEWEST_SIGNAL_DAYS - 1, wild))).toEqual([]);
  expect(
    readSignals(series('search_queries', 90, (index) => (index % 3 === 1 ? wild(index) : null))),
  ).toEqual([]);
  expect(readSignals([])).toEqual([]);
});

test('the distant past is not read', () => {
  const days = MOST_SIGNAL_DAYS + 30;
  expect(
    readSignals(series('search_queries', days, (index) => (index === 10 ? 5000 : ordinary(index)))),
  ).toEqual([]);
});

test('every count has a French name', () => {
  const counts = METRIC_NAMES.filter((metric) => METRICS[metric].shape.form === 'count');
  expect(counts.filter((metric) => frenchLabel(metric) === METRICS[metric].label)).toEqual([]);
});
