// What the product knows by name, for people and programs that build on it: the metrics and the rituals.

import { z } from '@hono/zod-openapi';
import { METRIC_NAMES, METRICS, type MetricForm, observedParts } from '../domain/metric.ts';
import { RITUALS } from '../domain/rituals.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api } from './context.ts';
import { jsonAnswer, route } from './route.ts';
import { metric, observedMetric } from './schemas/primitives.ts';

const metricEntry = z
  .object({
    metric,
    label: z.string(),
    family: z.string(),
    unit: z.string(),
    direction: z.enum(['higher', 'lower', 'none']).openapi({ description: 'Which way is better.' }),
    form: z.enum(['count', 'money', 'sample', 'level', 'ratio', 'figure']).openapi({
      description: 'How it is formed: sent by sources as sums, divided from two of them, or computed.',
    }),
    numerator: observedMetric.nullable(),
    denominator: observedMetric.nullable(),
  })
  .openapi('MetricEntry');

const ritual = z
  .object({
    rhythm: z.enum(['daily', 'weekly', 'monthly', 'quarterly']),
    purpose: z.string(),
    participants: z.array(z.string()),
    deliverable: z.string(),
    tool: z.string(),
  })
  .openapi('Ritual');

const metrics = route({
  method: 'get',
  path: '/v1/metrics-catalogue',
  summary: 'Every metric: unit, direction, and how it is formed',
  roles: EVERY_ROLE,
  responses: { 200: jsonAnswer(z.object({ items: z.array(metricEntry) }), 'The catalogue.') },
});

const rituals = route({
  method: 'get',
  path: '/v1/rituals',
  summary: 'The rituals of the method: rhythm, purpose, participants, deliverable, tool',
  roles: EVERY_ROLE,
  responses: { 200: jsonAnswer(z.object({ items: z.array(ritual) }), 'The rituals.') },
});

export function registerCatalogues(app: Api): void {
  const items = METRIC_NAMES.map((name) => {
    const { label, family, unit, direction } = METRICS[name];
    const shape: MetricForm = METRICS[name].shape;
    const [numerator = null, denominator = null] = shape.form === 'ratio' ? observedParts(name) : [];
    return { metric: name, label, family, unit, direction, form: shape.form, numerator, denominator };
  });
  app.openapi(metrics, (c) => c.json({ items }, 200));
  app.openapi(rituals, (c) => c.json({ items: RITUALS }, 200));
}
