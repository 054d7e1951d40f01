// The push door: observations in bulk, taken row by row. A bad row is reported by its line and stops no other; what was
// taken is stored in transactions of a thousand rows, so that a request that broke off is simply sent again.

import { z } from '@hono/zod-openapi';
import { currentContract } from '../db/contracts.ts';
import type { StoredThesis } from '../db/theses.ts';
import type { Api, ApiContext } from './context.ts';
import { evidencedThesis } from './evidence-access.ts';
import { Intake } from './observation-intake.ts';
import { refuseFields } from './problem.ts';
import { jsonAnswer, route } from './route.ts';
import { rowsOf } from './row-stream.ts';
import { pushedRow, pushReport } from './schemas/observation.ts';
import { slug } from './schemas/primitives.ts';

/** The source of rows that belong to no binding in particular. */
const PUSH = 'push';

// Described and not parsed: what a row must be is decided row by row, as the body arrives.
const rows = { type: 'array', items: { $ref: '#/components/schemas/PushedObservation' } } as const;

const push = route({
  method: 'post',
  path: '/v1/observations',
  summary: 'Push observations, up to 100,000 a request',
  description: `A JSON array, or NDJSON with one observation a line, read as it arrives. Each row is stored once under its
\`rowKey\` (or, without one, under what it is about): the same row again changes nothing, another value restates it beside
the old one. A row with a fault is reported by its line and stops no other, so look at \`rejected\`. A request that broke
off is sent again as it was.`,
  roles: ['growth_lead', 'admin'],
  idempotent: 'per-row',
  request: {
    query: z.strictObject({
      thesis: z
        .string()
        .min(1)
        .max(100)
        .openapi({ description: 'The thesis that the rows are evidence for.' }),
      source: slug.default(PUSH).openapi({
        description: 'A source of the thesis of the kind `push`; `push` for rows of no source in particular.',
      }),
    }),
    body: {
      required: true,
      content: { 'application/json': { schema: rows }, 'application/x-ndjson': { schema: pushedRow } },
    },
  },
  responses: { 200: jsonAnswer(pushReport, 'What became of the rows.') },
});

export function registerObservations(app: Api): void {
  app.openapi(push, async (c) => {
    const { thesis: thesisId, source } = c.req.valid('query');
    const thesis = await evidencedThesis(c, thesisId);
    await requirePushSource(c, thesis, source);
    const intake = new Intake(c, thesis, source);
    try {
      for await (const row of rowsOf(c.req.raw.body, c.req.header('content-type') ?? ''))
        await intake.take(row);
    } finally {
      await intake.settled();
    }
    await intake.flush();
    return c.json(intake.report, 200);
  });
}

async function requirePushSource(c: ApiContext, { thesisId }: StoredThesis, source: string): Promise<void> {
  if (source === PUSH) return;
  const { sources } = await currentContract(c.var.db, thesisId);
  if (sources.some(({ id, kind }) => id === source && kind === 'push')) return;
  refuseFields([
    { path: 'query.source', message: 'The thesis has no source of the kind push with this id.' },
  ]);
}
