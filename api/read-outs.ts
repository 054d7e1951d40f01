// The read-outs of a thesis: what each of them said, and the newest one whole. Reads only.

import { z } from '@hono/zod-openapi';
import { findReadOut, latestStage, listReadOuts } from '../db/read-outs.ts';
import { isGated, STAGES } from '../domain/stage.ts';
import type { ReadOutDigest } from '../domain/thesis.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api } from './context.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem } from './problem.ts';
import { jsonAnswer, route } from './route.ts';
import { gatedStage } from './schemas/primitives.ts';
import { readOutAnswer, readOutSummary } from './schemas/read-out.ts';
import { thesisOf } from './theses.ts';

const params = z.object({ thesisId: z.string().min(1).max(100) });

const list = route({
  method: 'get',
  path: '/v1/theses/{thesisId}/read-outs',
  summary: 'Every read-out of a thesis, newest first: its criteria, each in one of five states',
  roles: EVERY_ROLE,
  request: { params, query: pageQuery.extend({ stage: gatedStage.optional() }) },
  responses: { 200: jsonAnswer(pageOf(readOutSummary), 'A page of read-outs.') },
});

const latest = route({
  method: 'get',
  path: '/v1/theses/{thesisId}/read-outs/latest',
  summary: 'The newest read-out whole: criteria, experiment, increments, signals, economics',
  roles: EVERY_ROLE,
  request: {
    params,
    query: z.object({
      stage: gatedStage.optional().openapi({ description: 'Absent: the stage that was read out last.' }),
    }),
  },
  responses: { 200: jsonAnswer(readOutAnswer, 'The read-out.') },
});

export function registerReadOuts(app: Api): void {
  app.openapi(list, async (c) => {
    const { thesisId } = await thesisOf(c, c.req.valid('param').thesisId);
    const { limit, cursor, stage = null } = c.req.valid('query');
    const key = cursorKey(cursor, 'instant', 'text', 'integer');
    const after = key === null ? null : ([key[0], key[1], Number(key[2])] as const);
    const rows = await listReadOuts(c.var.db, { thesisId, stage }, { after, limit: limit + 1 });
    const { items, next } = page(rows, limit, ({ at, stage: read, round }) => [at, read, String(round)]);
    const summaries = items.map(({ digest, stage: read, ...rest }) => ({
      ...rest,
      ...saidIn(digest),
      stage: gated(read),
    }));
    return c.json({ items: summaries, next }, 200);
  });

  app.openapi(latest, async (c) => {
    const { thesisId } = await thesisOf(c, c.req.valid('param').thesisId);
    const asked = c.req.valid('query').stage ?? (await latestStage(c.var.db, thesisId));
    const found =
      asked === null
        ? undefined
        : await findReadOut(c.var.db, { thesisId, stage: asked, round: null, at: null });
    if (asked === null || found === undefined) {
      throw new Problem(
        'not_found',
        `${thesisId} has no read-out${asked === null ? '' : ` of ${asked}`} yet.`,
      );
    }
    const { digest, ...body } = found;
    return c.json({ ...body, ...saidIn(digest), stage: gated(asked) }, 200);
  });
}

function saidIn({ criteria, spend, experimentComplete, missingEvidence }: ReadOutDigest) {
  return { criteria, spend, experimentComplete, missingEvidence };
}

/** Only stages with a gate are read out. */
function gated(name: string) {
  const stage = STAGES.find((known) => known === name);
  if (stage === undefined || !isGated(stage)) throw new Error(`a read-out of the stage ${name}`);
  return stage;
}
