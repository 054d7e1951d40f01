// The small words of the API's bodies: slugs, texts, instants, durations, decimals, money, metrics. Derived from the
// domain's own patterns and catalogues, so that the two cannot drift apart.

import { z } from '@hono/zod-openapi';
import { isDuration, milliseconds } from '../../domain/duration.ts';
import { EVIDENCE_GRADES } from '../../domain/evidence.ts';
import { METRIC_NAMES, OBSERVED_METRICS } from '../../domain/metric.ts';
import { CURRENCY_PATTERN, DECIMAL_PATTERN } from '../../domain/money.ts';
import { ROLE_NAMES, ROLES } from '../../domain/role.ts';
import { GATED_STAGES } from '../../domain/stage.ts';

const SLUG_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** The longest duration taken anywhere: longer ones are mistakes, and overflow a clock. */
const LONGEST = milliseconds('P3650D');

export const slug = z
  .string()
  .regex(SLUG_PATTERN, 'A slug: lower-case letters, digits and inner hyphens, at most 64.')
  .openapi({ example: 'growth-committee' });

/** What a text holds, for the documentation; checked without a pattern, which could be made to take long. */
const CONTROL = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f';
const PRINTABLE = `^[^${CONTROL}]*[^${CONTROL}\\s][^${CONTROL}]*$`;

/** A text for people: trimmed, not empty, without control characters but line breaks and tabs. */
export function text(maximum: number) {
  return z
    .string()
    .trim()
    .min(1, 'Must not be empty.')
    .max(maximum, `At most ${maximum} characters.`)
    .refine(isPrintable, 'Must not contain control characters.')
    .openapi({ pattern: PRINTABLE });
}

/**
 * A field that may be left out. Its type has no `undefined`, as JSON has none and the domain's types take none; to
 * zod it is plainly optional, which is what the documentation generator understands.
 */
export function mayBeAbsent<S extends z.ZodType>(schema: S): z.ZodExactOptional<S>;
export function mayBeAbsent(schema: z.ZodType): z.ZodType {
  return schema.optional();
}

/** A schema or null. Of a named component, `nullable()` would be described as one that is never null. */
export function orNull<S extends z.ZodType>(schema: S) {
  return z.union([schema, z.null()]);
}

/** An instant with a zone, kept in UTC with milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, error: 'An ISO 8601 date and time with a zone.' })
  .overwrite(inUtc)
  .openapi({ example: '2026-11-24T09:00:00.000Z' });

export const duration = z
  .string()
  .refine(isDuration, 'An ISO 8601 duration in weeks, days, hours, minutes and seconds, such as P14D.')
  .refine((value) => !isDuration(value) || milliseconds(value) <= LONGEST, 'At most P3650D.')
  .openapi({ format: 'duration', example: 'P14D' });

const LONGEST_GRACE = 'P30D';

/** For how long a secret that was rotated is still good beside the new one. */
export function rotationGrace(description: string) {
  return duration
    .refine((value) => !isDuration(value) || milliseconds(value) <= milliseconds(LONGEST_GRACE), {
      message: `At most ${LONGEST_GRACE}.`,
    })
    .default('P1D')
    .openapi({ description, example: 'P1D' });
}

export const decimal = z
  .string()
  .regex(
    DECIMAL_PATTERN,
    'A decimal as a string: at most 20 digits before the point and 10 after, no exponent.',
  )
  .openapi({ example: '0.015' });

export const currency = z
  .string()
  .regex(CURRENCY_PATTERN, 'An ISO 4217 code in capitals.')
  .openapi({ example: 'EUR' });

export const money = z.strictObject({ amount: decimal, currency }).openapi('Money');

export const metric = z.enum(METRIC_NAMES).openapi('Metric');

export const observedMetric = z.enum(OBSERVED_METRICS).openapi('ObservedMetric');

export const evidenceGrade = z.enum(EVIDENCE_GRADES).openapi('EvidenceGrade');

export const gatedStage = z.enum(GATED_STAGES).openapi('GatedStage');

export const role = z.enum(ROLE_NAMES).openapi('Role', {
  description: ROLE_NAMES.map((name) => `\`${name}\`: ${ROLES[name]}`).join(' '),
});

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Asked also about what is no time, and has been reported: that stays as it is. */
function inUtc(value: string): string {
  const at = Date.parse(value);
  return Number.isNaN(at) ? value : new Date(at).toISOString();
}

/** Whether no surrogate stands without its other half: such text has no UTF-8. */
export function isWellFormed(value: string): boolean {
  return !LONE_SURROGATE.test(value);
}

/** Whether every character can be shown, and kept by PostgreSQL. */
function isPrintable(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value) && isWellFormed(value);
}
