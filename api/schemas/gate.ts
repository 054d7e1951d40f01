// What votes are and what answers about gates are made of.

import { z } from '@hono/zod-openapi';
import { BALLOTS, DECISIONS, RECOMMENDATIONS } from '../../domain/gate.ts';
import { STAGES } from '../../domain/stage.ts';
import { reason } from './launch.ts';
import { decimal, instant, metric, money, orNull, slug, text } from './primitives.ts';
import { document, documentOrNull } from './thesis.ts';

const condition = z.strictObject({
  owner: slug.openapi({ description: 'Member who answers for it.' }),
  due: instant,
  text: text(1_000),
  metric: z
    .strictObject({ metric, comparison: z.enum(['at_least', 'at_most']), bound: decimal })
    .nullable()
    .default(null)
    .openapi({
      description: 'A figure that meets the condition by itself; absent: its owner declares it met.',
    }),
});

export const voteBody = z
  .strictObject({
    evidenceHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'The SHA-256 of the gate, 64 hexadecimal digits.')
      .openapi({ description: 'The evidence that you vote on, as the gate shows it.' }),
    ballot: z.enum(BALLOTS),
    reason: reason.nullable().default(null),
    conditions: z.array(condition).max(20).default([]),
    holdUntil: instant.nullable().default(null),
    probability: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .default(null)
      .openapi({ description: 'Your probability that the thesis succeeds; scored at retex.' }),
    expectedMargin: orNull(money).default(null),
  })
  .openapi('Vote');

export const delegationBody = z.strictObject({ to: slug, until: instant }).openapi('Delegation');

export const gateAnswer = z
  .object({
    gateId: z.string(),
    thesisId: z.string(),
    title: z.string(),
    stage: z.enum(STAGES),
    openedAt: z.string(),
    deadline: z.string(),
    decidedAt: z.string().nullable(),
    recommendation: z.enum(RECOMMENDATIONS),
    evidenceHash: z.string(),
    waitsFor: z.array(z.string()).readonly(),
    decision: z.enum(DECISIONS).nullable(),
    outcome: documentOrNull,
  })
  .openapi('Gate');

export const gateFileAnswer = gateAnswer
  .extend({
    policy: document.openapi({ description: 'Seats, quorum, threshold, silence.' }),
    committee: document,
    quorum: z.object({ needed: z.number().int(), reached: z.number().int() }).nullable(),
    blocked: z
      .string()
      .nullable()
      .openapi({ description: 'Why a leading decision does not stand, when it does not.' }),
    votes: z.array(document).readonly().openapi({ description: 'Every vote ever cast, void ones included.' }),
    delegations: z.array(document).readonly(),
    recused: z.array(z.string()).readonly(),
    evidence: documentOrNull.openapi({ description: 'The frozen file, whose hash is evidenceHash.' }),
  })
  .openapi('GateFile');

export const replayAnswer = z
  .object({
    gateId: z.string(),
    agrees: z.boolean(),
    recorded: documentOrNull,
    recomputed: documentOrNull,
    differences: z.array(z.string()).readonly(),
  })
  .openapi('Replay');
