// The problem document as the documentation shows it.

import { z } from '@hono/zod-openapi';
import { PROBLEM_CODES } from '../problem.ts';

const fieldError = z
  .object({
    path: z.string().openapi({
      description: 'JSON path of the field.',
      example: 'stages.prototype.criteria[0].rule.bound',
    }),
    message: z.string(),
  })
  .openapi('FieldError');

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:jalon:problem:gate_closed' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(PROBLEM_CODES).openapi({ description: 'Stable: programs decide by this one.' }),
    hint: z.string().openapi({ description: 'What to do about it.' }),
    instance: z.string().openapi({ description: 'The id of the request, to report it by.' }),
    errors: z.array(fieldError).optional(),
  })
  .openapi('Problem');
