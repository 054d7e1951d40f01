// Designs a test before it is launched: its size, whole weeks, cost and boundaries. A computation: it reads and
// stores nothing of a thesis.

import { z } from '@hono/zod-openapi';
import { designExperiment } from '../domain/experiment/design.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api } from './context.ts';
import { orRefuse } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { mayBeAbsent, money, orNull } from './schemas/primitives.ts';

const baseline = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('proportion'), rate: z.number().openapi({ example: 0.04 }) }),
  z.strictObject({ kind: z.literal('mean'), mean: z.number(), standardDeviation: z.number() }),
]);

const designRequestSchema = z
  .strictObject({
    baseline: baseline.openapi({ description: 'The primary metric of control, as it is today.' }),
    minimumEffect: z.number().openapi({
      description: 'Smallest effect worth acting on, as a fraction of the baseline: 0.1 is 10%.',
      example: 0.1,
    }),
    alpha: z.number().openapi({
      description: 'Two-sided false-positive rate, over all treatment arms together.',
      example: 0.05,
    }),
    power: z.number().openapi({ example: 0.8 }),
    arms: z.number().openapi({ description: 'Arms with control.', example: 2 }),
    dailyUnits: z.number().openapi({
      description: 'Units that enter the test in a day, all arms together.',
      example: 3000,
    }),
    costPerUnit: mayBeAbsent(money),
    covariateCorrelation: mayBeAbsent(z.number()).openapi({
      description:
        'Of a mean, for a plan whose `adjustment` is `cuped`: expected correlation of a unit with itself in the period before. Cuts the units needed by its square.',
      example: 0.6,
    }),
    method: z.enum(['group_sequential', 'confidence_sequence', 'fixed_horizon']),
  })
  .openapi('ExperimentDesignRequest');

export const designSchema = z
  .object({
    unitsPerArm: z.number().openapi({ description: 'Needed in each arm for the power asked for.' }),
    totalUnits: z.number(),
    days: z.number(),
    weeks: z.number().openapi({ description: 'Whole weeks: the length to plan.' }),
    plannedUnits: z.number().openapi({
      description: 'What the traffic brings in these weeks: the `plannedUnits` of the plan.',
    }),
    cost: orNull(money).openapi({ description: 'Of the planned units.' }),
    looks: z.number().openapi({ description: 'Days on which the test may be decided.' }),
    inflation: z.number().openapi({
      description: 'Units needed over those of a test with one look at its end: the price of looking daily.',
    }),
    bounds: z
      .array(z.object({ week: z.number(), informationFraction: z.number(), bound: z.number() }))
      .openapi({ description: 'How many standard errors the arms must be apart at the end of each week.' }),
    powerCurve: z
      .array(z.object({ effect: z.number(), power: z.number(), expectedDays: z.number() }))
      .openapi({
        description: 'Chance to find an effect, and mean length of the test, if it is the true one.',
      }),
  })
  .openapi('ExperimentDesign');

const design = route({
  method: 'post',
  path: '/v1/experiment-designs',
  summary: 'Design a test: units, whole weeks, cost, boundaries and power',
  description:
    'Computed for the daily looks of the method, from day 7 on. Tests of more than 52 weeks are refused: name a larger effect or bring more traffic.',
  roles: EVERY_ROLE,
  idempotent: 'computation',
  request: { body: jsonBody(designRequestSchema) },
  responses: { 200: jsonAnswer(designSchema, 'The smallest test that suffices.') },
});

export function registerExperimentDesigns(app: Api): void {
  app.openapi(design, (c) => c.json(orRefuse(designExperiment(c.req.valid('json'))), 200));
}
