// What the product knows by name, for people and programs that build on it: stages, metrics, rituals and systems.

import { z } from '@hono/zod-openapi';
import { METRIC_NAMES, METRICS, type MetricForm, observedParts } from '../domain/metric.ts';
import { RITUALS } from '../domain/rituals.ts';
import { STAGE_STORY, STAGES } from '../domain/stage.ts';
import { SYSTEMS } from '../domain/system.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api } from './context.ts';
import { jsonAnswer, route } from './route.ts';
import { metric, observedMetric, orNull } from './schemas/primitives.ts';

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
    numerator: orNull(observedMetric),
    denominator: orNull(observedMetric),
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

const stageEntry = z
  .object({ stage: z.enum(STAGES), french: z.string(), purpose: z.string() })
  .openapi('StageEntry');

const system = z
  .object({ name: z.string(), use: z.string(), stages: z.array(z.enum(STAGES)) })
  .openapi('MarketingSystem');

const stages = route({
  method: 'get',
  path: '/v1/stages',
  summary: 'The stages of the cycle, in order: what each is for',
  roles: EVERY_ROLE,
  responses: { 200: jsonAnswer(z.object({ items: z.array(stageEntry) }), 'The five stages.') },
});

const systems = route({
  method: 'get',
  path: '/v1/systems',
  summary: 'The systems where evidence lives, and what each is used for in the cycle',
  roles: EVERY_ROLE,
  responses: { 200: jsonAnswer(z.object({ items: z.array(system) }), 'The systems.') },
});

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
  const story = STAGES.map((stage) => ({ stage, ...STAGE_STORY[stage] }));
  app.openapi(stages, (c) => c.json({ items: story }, 200));
  app.openapi(systems, (c) => c.json({ items: SYSTEMS }, 200));
  app.openapi(rituals, (c) => c.json({ items: RITUALS }, 200));
}
