// What answers about theses are made of. Shapes that the domain owns are documented as they are, not parsed again.

import { z } from '@hono/zod-openapi';
import { RECOMMENDATIONS, SILENCES } from '../../domain/gate.ts';
import { STAGES } from '../../domain/stage.ts';
import { ATTENTION_KINDS } from '../../domain/thesis/attention.ts';
import { OUTCOMES, STATUSES } from '../../domain/thesis.ts';
import { orNull } from './primitives.ts';

/** A document in the shape that the domain gives it: produced by us, so described and not parsed. */
export const document = z.any().openapi({ type: 'object' });

/** One that may not be there. */
export const documentOrNull = z.any().openapi({ type: ['object', 'null'] });

export const receiptAnswer = z
  .object({
    thesisId: z.string(),
    sequence: z.number().int().openapi({ description: "The journal's number after this command." }),
  })
  .openapi('Receipt');

const waiting = z
  .object({
    for: z.enum(['evidence', 'data', 'votes', 'hold', 'retex', 'nothing']),
    sentence: z.string(),
    who: z.array(z.string()).readonly(),
    since: z.string(),
    until: z.string().nullable(),
    onSilence: z.enum(SILENCES).nullable(),
  })
  .openapi('Waiting');

const advice = z
  .object({ decision: z.enum(RECOMMENDATIONS), reasons: z.array(z.string()).readonly() })
  .openapi('Advice');

const attention = z
  .object({
    kind: z.enum(ATTENTION_KINDS),
    title: z.string(),
    subject: z.string().openapi({ description: 'The step it is about; empty for the whole thesis.' }),
    detail: z.string(),
    attempts: z.number().int(),
    since: z.string(),
    seenAt: z.string(),
    hint: z.string().openapi({ description: 'What to do about it.' }),
  })
  .openapi('Attention');

export const thesisAnswer = z
  .object({
    thesisId: z.string(),
    title: z.string(),
    owner: z.string(),
    portfolio: z.string(),
    market: z.string(),
    playbook: z.object({ name: z.string(), version: z.number().int() }),
    currency: z.string(),
    proposedAt: z.string(),
    clock: z.object({ origin: z.string(), rate: z.number() }),
    stage: z.enum(STAGES),
    status: z.enum(STATUSES),
    outcome: z.enum(OUTCOMES).nullable(),
    stageSince: z.string(),
    round: z.number().int(),
    extensions: z.number().int(),
    waiting,
    clockPaused: z.object({ since: z.string(), reason: z.string() }).nullable(),
    hold: documentOrNull,
    advice: orNull(advice),
    lastReadOut: documentOrNull,
    sources: z.array(document).readonly(),
    gateId: z.string().nullable(),
    conditions: z.array(document).readonly(),
    ramp: documentOrNull,
    contractVersion: z.number().int(),
    contractHash: z.string(),
    sequence: z.number().int(),
    attention: z.array(attention).readonly().openapi({
      description: 'What keeps the thesis from going on and needs an operator; empty when all is well.',
    }),
  })
  .openapi('Thesis');

export const contractAnswer = z
  .object({ version: z.number().int(), hash: z.string(), contract: document })
  .openapi('Contract');

export const eventAnswer = z
  .object({
    sequence: z.number().int(),
    at: z.string(),
    actor: z.string(),
    type: z.string(),
    data: document,
  })
  .openapi('JournalEvent');
