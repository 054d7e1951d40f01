// The dashboard and the alert rules speak of metrics that exist, and every alert says what to do.
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const file = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

/** Of Temporal's SDK, as `useSecondsForDurations` and the suffixes of worker/runtime.ts name them. */
const SDK = [
  'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
  'temporal_activity_schedule_to_start_latency_seconds_bucket',
  'temporal_workflow_task_execution_failed_total',
  'temporal_num_pollers',
  'temporal_sticky_cache_size',
  'temporal_request_latency_seconds_bucket',
];

function ours(): Set<string> {
  const root = new URL('../../', import.meta.url);
  const sources = globSync(['api/*.ts', 'worker/*.ts'], { cwd: root }).map(file).join('\n');
  const names = [...sources.matchAll(/'(jalon_[a-z_]+)'/g)].map(([, name = '']) => name);
  return new Set(names.flatMap((name) => [name, `${name}_bucket`, `${name}_count`]));
}

function expressions(name: string): string[] {
  const text = file(name);
  if (name.endsWith('.json'))
    return [...text.matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(([, expr = '']) => expr);
  return rules().map(({ expr }) => expr);
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

function rules(): Rule[] {
  const { groups } = parse(file('docs/alerts.yml')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
}

test.each(['docs/alerts.yml', 'docs/grafana/jalon.json'])('%s speaks of metrics that exist', (name) => {
  const known = new Set([...ours(), ...SDK]);
  const used = expressions(name).flatMap((expr) => expr.match(/\b(?:jalon|temporal)_[a-z_]+/g) ?? []);
  expect(used.length).toBeGreaterThan(10);
  expect(used.filter((metric) => !known.has(metric))).toEqual([]);
});

test('every alert has its own name, a severity, and says what to do', () => {
  const names = rules().map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
  for (const { alert, labels, annotations } of rules()) {
    expect(['warning', 'critical'], alert).toContain(labels.severity);
    expect(annotations.summary.length, alert).toBeGreaterThan(10);
    expect(annotations.action.length, alert).toBeGreaterThan(20);
  }
});

test('the dashboard is one that Grafana can import', () => {
  const { title, panels } = JSON.parse(file('docs/grafana/jalon.json'));
  expect(title).toBe('Jalon');
  const ids = panels.map(({ id }: { id: number }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
