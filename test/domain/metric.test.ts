// The metric catalogue holds together: ratios are made of metrics that a source can send, and figures are computed.
import { describe, expect, test } from 'vitest';
import { isFigureMetric } from '../../domain/economics.ts';
import {
  isMetric,
  isMonetary,
  isObserved,
  METRIC_NAMES,
  METRICS,
  type MetricForm,
  OBSERVED_METRICS,
  observedParts,
} from '../../domain/metric.ts';

const shapeOf = (name: keyof typeof METRICS): MetricForm => METRICS[name].shape;

test('names are slugs and labels are words, each once', () => {
  for (const name of METRIC_NAMES) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  const labels = METRIC_NAMES.map((name) => METRICS[name].label);
  expect(new Set(labels).size).toBe(labels.length);
  for (const label of labels) expect(label).toMatch(/^\S.*\S$/);
});

describe.each(METRIC_NAMES.filter((name) => shapeOf(name).form === 'ratio'))('the ratio %s', (name) => {
  test('is made of two observed metrics', () => {
    const parts = observedParts(name);
    expect(parts).toHaveLength(2);
    for (const part of parts) expect(isObserved(part)).toBe(true);
  });

  test('divides like by like when it is a fraction', () => {
    if (METRICS[name].unit !== 'fraction') return;
    const [numerator, denominator] = observedParts(name).map((part) => shapeOf(part).form);
    expect(numerator).toBe(denominator);
  });
});

test('a metric is observed, a ratio or a figure, and every figure has its computation', () => {
  const figures = METRIC_NAMES.filter((name) => shapeOf(name).form === 'figure');
  expect(figures.length).toBeGreaterThan(0);
  for (const name of figures) expect([name, isFigureMetric(name)]).toEqual([name, true]);
  for (const name of METRIC_NAMES) {
    const isFigure = shapeOf(name).form === 'figure';
    expect(isFigureMetric(name)).toBe(isFigure);
    expect(observedParts(name).length === 0).toBe(isFigure);
  }
  expect(OBSERVED_METRICS.every(isObserved)).toBe(true);
  expect(OBSERVED_METRICS).not.toContain('ctr');
});

test('amounts of money are measured in currency, and nothing else that is counted is', () => {
  for (const name of METRIC_NAMES) {
    const { form } = shapeOf(name);
    if (form === 'money') expect([name, isMonetary(name)]).toEqual([name, true]);
    if (form === 'count') expect([name, isMonetary(name)]).toEqual([name, false]);
  }
});

test('a name is a metric only if the catalogue itself has it', () => {
  expect(isMetric('ctr')).toBe(true);
  expect(isMetric('toString')).toBe(false);
  expect(isMetric('no_such_metric')).toBe(false);
});
