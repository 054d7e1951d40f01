// What answers about read-outs are made of. Shapes that the domain owns are documented as they are, not parsed again.

import { z } from '@hono/zod-openapi';
import { CRITERION_ROLES, CRITERION_STATES } from '../../domain/criterion.ts';
import { evidenceGrade, gatedStage, metric, money, orNull } from './primitives.ts';
import { document, documentOrNull } from './thesis.ts';

const criterionResult = z
  .object({
    id: z.string(),
    metric,
    role: z.enum(CRITERION_ROLES),
    state: z.enum(CRITERION_STATES),
    onFail: z.enum(['refine', 'kill']),
    breach: z.enum(['soft', 'hard']).nullable(),
    brokenInARow: z.number().int(),
    observed: z.string().nullable(),
    bound: z.string().nullable(),
    sample: z.number(),
    grade: orNull(evidenceGrade),
    reason: z
      .string()
      .openapi({ description: 'Names the metric, the number, the bound and the evidence grade.' }),
  })
  .openapi('CriterionResult');

const key = {
  stage: gatedStage,
  round: z.number().int(),
  at: z.string().openapi({ description: "The moment that it speaks of, in the thesis's time." }),
};

const said = {
  criteria: z.array(criterionResult).readonly(),
  spend: money,
  experimentComplete: z.boolean().nullable().openapi({ description: 'Null without an experiment.' }),
  missingEvidence: z.array(metric).readonly(),
};

export const readOutSummary = z
  .object({
    ...key,
    ...said,
    signals: z.number().int().openapi({ description: 'How many signals stood out in the daily counts.' }),
  })
  .openapi('ReadOutSummary');

const signal = z
  .object({
    metric,
    kind: z.enum(['spike', 'dip', 'step', 'drift']),
    at: z.string().openapi({ description: 'The day with which it could be told.', format: 'date' }),
    began: z.string().openapi({ description: 'The first day that departs.', format: 'date' }),
    expected: z.number(),
    observed: z.number(),
    size: z.object({
      absolute: z.number(),
      standard: z.number().openapi({ description: "In standard deviations of a day's noise." }),
    }),
    falseAlarmRate: z
      .number()
      .openapi({ description: "Share of the series' own quiet days that depart as much." }),
    sentence: z.object({ en: z.string(), fr: z.string() }),
  })
  .openapi('Signal');

export const readOutAnswer = z
  .object({
    ...key,
    ...said,
    table: document.openapi({ description: 'The sums that were read, by metric and arm.' }),
    economics: document.openapi({ description: 'Unit economics as observed.' }),
    incremental: documentOrNull.openapi({
      description: 'What the experiment added, beside the observed figures; see IncrementalEconomics.',
    }),
    experiment: documentOrNull.openapi({
      description:
        'Health, information, and for each metric and arm the estimate, interval, method, adjustment, verdict and a sentence in English and French.',
    }),
    incrementality: documentOrNull.openapi({
      description: 'The increment of a holdout, or of a test of markets or of days, at its end.',
    }),
    signals: z.array(signal).readonly().openapi({
      description: 'What stands out in the daily counts. Decides nothing.',
    }),
    error: z.string().nullable().openapi({ description: 'Why the evidence could not be read at all.' }),
  })
  .openapi('ReadOut');
