// Observations as they are pushed, declared and shown. What a row must be is decided by the domain, row by row, so the
// shape of a pushed row is only described here, from the domain's own catalogues.

import { z } from '@hono/zod-openapi';
import { FINALITIES, MISSING_REASONS } from '../../domain/evidence.ts';
import { MAXIMUM_NAME, MAXIMUM_ROW_KEY } from '../../domain/observation/check.ts';
import { currency, evidenceGrade, gatedStage, observedMetric, text } from './primitives.ts';

const time = z.string().openapi({
  description: 'ISO 8601: a date (its midnight in UTC), or an instant with its zone.',
  example: '2026-11-24',
});
const name = z.string().min(1).max(MAXIMUM_NAME).nullish();
const decimal = (description: string) =>
  z
    .union([z.string(), z.number()])
    .nullish()
    .openapi({ description: `${description} No exponent.` });

const covariate = z.strictObject({
  sum: decimal('Over the units, in the period before.'),
  sumSquares: decimal('Its squares over units.'),
  sumOfProducts: decimal('Over units, the value of this period times the one of the period before.'),
});

/** What a declared row may say. */
export const declaredRow = z
  .strictObject({
    metric: observedMetric,
    from: time,
    to: time.openapi({ description: 'Where the period ends, excluded.' }),
    arm: name.openapi({ description: 'An arm of the experiment; absent for a figure about the whole.' }),
    channel: name,
    market: name,
    n: decimal('Units of a sample, or behind a level.'),
    sum: decimal('The count, the amount, the sum over units, or the level.'),
    sumSquares: decimal('Of a sample: the sum of the squares over units.'),
    covariate: covariate.nullish().openapi({
      description:
        'Of a sample: what the same n units did of the same metric in the period before the test; 0 for a unit that was not there.',
    }),
    currency: currency.nullish().openapi({ description: "Of an amount: the thesis's currency." }),
    missing: z.enum(MISSING_REASONS).nullish().openapi({ description: 'Why there is no value.' }),
  })
  .openapi('DeclaredObservation');

/** What a pushed row may say beside. */
export const pushedRow = z
  .strictObject({
    rowKey: z.string().min(1).max(MAXIMUM_ROW_KEY).nullish().openapi({
      description: 'Unique in the source; absent: made from metric, period, arm, channel and market.',
    }),
    ...declaredRow.shape,
    grade: evidenceGrade.exclude(['declared']).default('attributed'),
    finality: z.enum(FINALITIES).default('provisional'),
  })
  .openapi('PushedObservation');

export const pushReport = z
  .object({
    accepted: z.number().int().openapi({ description: 'Rows not known before.' }),
    unchanged: z.number().int().openapi({ description: 'Rows that said what was known.' }),
    restated: z.number().int().openapi({ description: 'Rows that revised what was known.' }),
    rejected: z.number().int().openapi({ description: 'Rows not stored.' }),
    errors: z.array(z.object({ line: z.number().int(), path: z.string(), message: z.string() })).openapi({
      description: 'The first 1,000 faults. A line counts from 1; of an array, it is the place.',
    }),
  })
  .openapi('PushReport');

export type PushReport = z.output<typeof pushReport>;

const MAXIMUM_DECLARED = 500;

export const declaredBody = z
  .strictObject({
    author: text(200)
      .optional()
      .openapi({ description: 'Who gathered it; absent: the name of who sends it.' }),
    method: text(500).openapi({ example: 'Semi-structured interviews, 30 minutes, recruited by email.' }),
    notes: text(20_000).optional().openapi({ description: 'What the numbers do not say.' }),
    observations: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(MAXIMUM_DECLARED)
      .openapi({ type: 'array', items: { $ref: '#/components/schemas/DeclaredObservation' } }),
  })
  .openapi('DeclaredEvidence');

export const declaredAnswer = z
  .object({
    submission: z.string(),
    observations: z.number().int(),
    sequence: z.number().int().openapi({ description: "The journal's number after it." }),
  })
  .openapi('EvidenceReceipt');

const nullableText = z.string().nullable();

const shownObservation = z
  .object({
    source: z.string(),
    rowKey: z.string(),
    revision: z.number().int(),
    metric: z.string(),
    from: z.string(),
    to: z.string(),
    arm: nullableText,
    channel: nullableText,
    market: nullableText,
    n: nullableText,
    sum: nullableText,
    sumSquares: nullableText,
    covariate: z.object({ sum: z.string(), sumSquares: z.string(), sumOfProducts: z.string() }).nullable(),
    currency: nullableText,
    missing: nullableText,
    grade: evidenceGrade,
    finality: z.string(),
    knownAt: z.string(),
    submission: z
      .object({ id: z.string(), author: z.string(), method: z.string(), notes: z.string() })
      .nullable()
      .openapi({ description: 'Of declared evidence: who gathered it, and how.' }),
  })
  .openapi('Observation');

const cell = z
  .object({
    metric: z.string(),
    arm: z.string().openapi({ description: 'Empty for all rows, whatever their arm.' }),
    n: nullableText,
    sum: z.string(),
    sumSquares: nullableText,
    currency: nullableText,
    grade: evidenceGrade,
    observations: z.number().int(),
    missing: z.number().int(),
    from: z.string(),
    to: z.string(),
  })
  .openapi('EvidenceCell');

export const evidenceAnswer = z
  .object({
    knownAt: z.string(),
    items: z.array(shownObservation),
    next: nullableText,
    table: z
      .object({
        stage: gatedStage,
        cells: z.array(cell).readonly(),
        problem: nullableText.openapi({ description: 'Why there are no sums, when there are none.' }),
      })
      .openapi({ description: 'The sums of a stage, as its read-outs see them.' }),
  })
  .openapi('Evidence');
