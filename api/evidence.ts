// A thesis's evidence: what people declare, with author and method, and the reading of all that is known, whatever
// its source.

import { z } from '@hono/zod-openapi';
import { lastGatedStage, listObservations } from '../db/observation-list.ts';
import { MixedCurrencies, readEvidence } from '../db/observations.ts';
import { storeSubmission } from '../db/submissions.ts';
import type { StoredThesis } from '../db/theses.ts';
import type { Observation } from '../domain/evidence.ts';
import { checkObservation } from '../domain/observation/check.ts';
import type { FieldError } from '../domain/refusal.ts';
import { type GatedStage, isGated } from '../domain/stage.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { evidencedThesis, rulesOf, thesisNow } from './evidence-access.ts';
import { cursorKey, page, pageQuery } from './pagination.ts';
import { Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { declaredAnswer, declaredBody, declaredRow, evidenceAnswer } from './schemas/observation.ts';
import { gatedStage, instant, observedMetric, slug } from './schemas/primitives.ts';
import { send, thesisOf } from './theses.ts';

const params = z.object({ thesisId: z.string().min(1).max(100) });

const declare = route({
  method: 'post',
  path: '/v1/theses/{thesisId}/evidence',
  summary: 'Declare evidence that people gathered: interviews, surveys, desk research',
  description: `Stored with its author and method under the grade \`declared\`. It tells the thesis, which reads itself out
again; votes open at a gate are voided, for they were cast on other evidence.`,
  roles: ['growth_lead', 'admin'],
  request: { params, body: jsonBody(declaredBody) },
  responses: { 201: jsonAnswer(declaredAnswer, 'Stored, and the thesis told.') },
});

const read = route({
  method: 'get',
  path: '/v1/theses/{thesisId}/evidence',
  summary: 'All observations of a thesis as known at a time, and their sums',
  roles: EVERY_ROLE,
  request: {
    params,
    query: pageQuery.extend({
      stage: gatedStage.optional().openapi({
        description:
          'Only what read-outs of the stage see. Absent: everything, and the sums of the latest stage.',
      }),
      metric: observedMetric.optional(),
      source: slug.optional(),
      knownAt: instant
        .optional()
        .openapi({ description: "As known then, in the thesis's time. Absent: now." }),
    }),
  },
  responses: { 200: jsonAnswer(evidenceAnswer, 'A page of observations, and the sums of a stage.') },
});

export function registerEvidence(app: Api, deps: ApiDeps): void {
  app.openAPIRegistry.register('DeclaredObservation', declaredRow);
  app.openapi(declare, async (c) => {
    const thesis = await evidencedThesis(c, c.req.valid('param').thesisId);
    requireGatedStage(thesis);
    const { author = c.var.member.name, method, notes = '', observations: declared } = c.req.valid('json');
    const rules = rulesOf(c, thesis, 'declared');
    const observations = checked(declared.map((row) => checkObservation(row, rules)));
    const { thesisId } = thesis;
    const submission = c.var.reservedId;
    const kept = { submissionId: submission, thesisId, author, method, notes, knownAt: rules.now };
    await storeSubmission(c.var.db, kept, observations);
    const metrics = [...new Set(observations.map(({ metric }) => metric))];
    const { sequence } = await send(deps, c, thesisId, { type: 'SubmitEvidence', submission, metrics });
    return c.json({ submission, observations: observations.length, sequence }, 201);
  });

  app.openapi(read, async (c) => {
    const thesis = await thesisOf(c, c.req.valid('param').thesisId);
    const { limit, cursor, stage = null, metric = null, source = null, ...asked } = c.req.valid('query');
    const { thesisId } = thesis;
    const knownAt = asked.knownAt ?? thesisNow(c, thesis);
    const below = cursorKey(cursor, 'bigint')?.[0] ?? null;
    const filter = { thesisId, knownAt, stage, metric, source };
    const rows = await listObservations(c.var.db, filter, { below, limit: limit + 1 });
    const { items, next } = page(rows, limit, ({ id }) => [id]);
    const table = await tableOf(c, thesisId, stage ?? (await lastGatedStage(c.var.db, thesisId)), knownAt);
    return c.json({ knownAt, items: items.map(({ id: _id, ...item }) => item), next, table }, 200);
  });
}

/** The workflow refuses the same; asked before anything is stored, so that a refusal leaves nothing behind. */
function requireGatedStage({ thesisId, view }: StoredThesis): void {
  if (view.status === 'closed') throw new Problem('thesis_closed', `${thesisId} is closed.`);
  if (!isGated(view.stage)) throw new Problem('not_in_this_stage', `${thesisId} is in its retex.`);
}

function checked(rows: readonly (Observation | FieldError[])[]): Observation[] {
  const faults = rows.flatMap((row, index) =>
    Array.isArray(row)
      ? row.map(({ path, message }) => ({
          path: `observations[${index}]${path === '$' ? '' : `.${path}`}`,
          message,
        }))
      : [],
  );
  refuseFields(faults);
  return rows.flatMap((row) => (Array.isArray(row) ? [] : [row]));
}

async function tableOf(c: ApiContext, thesisId: string, stage: GatedStage, asOf: string) {
  try {
    const { cells } = await readEvidence(c.var.db, { thesisId, stage, asOf });
    return { stage, cells, problem: null };
  } catch (problem) {
    if (!(problem instanceof MixedCurrencies)) throw problem;
    return { stage, cells: [], problem: problem.message };
  }
}
