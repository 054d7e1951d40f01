// What theses taught: the retex of one, and the searchable library of all.

import { z } from '@hono/zod-openapi';
import { findRetex, searchLearnings } from '../db/retexes.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { Problem } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { slug, text } from './schemas/primitives.ts';
import { document, receiptAnswer } from './schemas/thesis.ts';
import { send, thesisOf } from './theses.ts';

const thesisId = z.object({ thesisId: z.string().min(1).max(100) });

const learning = z.strictObject({ text: text(4_000), topic: text(200) });

const retexBody = z
  .strictObject({
    summary: text(10_000),
    learnings: z.array(learning).min(1).max(50),
    tags: z.array(slug).min(1).max(20),
  })
  .openapi('RetexCompletion');

const retexAnswer = z
  .object({
    draft: document,
    summary: z.string().nullable(),
    learnings: z.array(learning).readonly(),
    tags: z.array(z.string()).readonly(),
    completedBy: z.string().nullable(),
    completedAt: z.string().nullable(),
  })
  .openapi('Retex');

const foundAnswer = z
  .object({
    thesisId: z.string(),
    title: z.string(),
    outcome: z.string().nullable(),
    summary: z.string(),
    learnings: z.array(learning).readonly(),
    tags: z.array(z.string()).readonly(),
    completedAt: z.string(),
  })
  .openapi('FoundLearning');

export function registerLearnings(app: Api, deps: ApiDeps): void {
  app.openapi(
    route({
      method: 'get',
      path: '/v1/theses/{thesisId}/retex',
      summary: 'The retex of a thesis: draft from its journal, and what its owner made of it',
      roles: EVERY_ROLE,
      request: { params: thesisId },
      responses: { 200: jsonAnswer(retexAnswer, 'The retex.') },
    }),
    async (c) => {
      const thesis = await thesisOf(c, c.req.valid('param').thesisId);
      const retex = await findRetex(c.var.db, thesis.thesisId);
      if (retex === undefined) {
        throw new Problem(
          'not_in_this_stage',
          `${thesis.thesisId} has no retex yet: it is in ${thesis.view.stage}.`,
        );
      }
      return c.json(retex, 200);
    },
  );
  app.openapi(
    route({
      method: 'put',
      path: '/v1/theses/{thesisId}/retex',
      summary: 'Complete the retex and close the thesis',
      roles: ['growth_lead', 'admin'],
      request: { params: thesisId, body: jsonBody(retexBody) },
      responses: { 200: jsonAnswer(receiptAnswer, 'The thesis is closed; what it taught is kept.') },
    }),
    async (c) => {
      const thesis = await thesisOf(c, c.req.valid('param').thesisId);
      const command = { type: 'CompleteRetex', ...c.req.valid('json') } as const;
      return c.json(await send(deps, c, thesis.thesisId, command), 200);
    },
  );
  app.openapi(
    route({
      method: 'get',
      path: '/v1/learnings',
      summary: 'Search what past theses taught',
      roles: EVERY_ROLE,
      request: {
        query: z.object({
          q: z.string().max(500).default('').openapi({ description: 'Words; empty for the newest.' }),
          limit: z.coerce.number().int().min(1).max(200).default(20),
        }),
      },
      responses: { 200: jsonAnswer(z.object({ items: z.array(foundAnswer) }), 'Best first.') },
    }),
    async (c) => {
      const { q, limit } = c.req.valid('query');
      return c.json({ items: await searchLearnings(c.var.db, q, limit) }, 200);
    },
  );
}
