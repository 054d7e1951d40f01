// What finance asks: the unit economics of a thesis per stage, promised and observed, and of many theses in groups.
// Reads only, in JSON or CSV.

import { z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import { readThesisEconomics } from '../db/thesis-economics.ts';
import { readUnitEconomics } from '../db/unit-economics.ts';
import { DEFINITIONS } from '../domain/economics/figure.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { jsonAnswer, route } from './route.ts';
import { slug } from './schemas/primitives.ts';
import {
  groupedEconomicsQuery,
  groupedEconomicsSchema,
  thesisEconomicsQuery,
  thesisEconomicsSchema,
} from './schemas/unit-economics.ts';
import { groupsAsCsv, thesisAsCsv } from './unit-economics-csv.ts';

const CSV = 'text/csv';

const ofThesis = route({
  method: 'get',
  path: '/v1/theses/{thesisId}/unit-economics',
  summary: 'Unit economics of a thesis: each stage as forecast and as observed',
  description:
    'Every figure carries its definition, evidence grade, coverage and the metrics behind it, or the reason why it cannot be computed.',
  roles: EVERY_ROLE,
  request: { params: z.object({ thesisId: slug }), query: thesisEconomicsQuery },
  responses: {
    200: jsonOrCsv(thesisEconomicsSchema, 'The stages, all stages together, and what a kill saved.'),
  },
});

const grouped = route({
  method: 'get',
  path: '/v1/unit-economics',
  summary: 'Unit economics of all theses by stage, portfolio, playbook or market',
  description:
    'Sums are added within one currency and divided once. The market is that of the thesis, not that of single observations.',
  roles: EVERY_ROLE,
  request: { query: groupedEconomicsQuery },
  responses: { 200: jsonOrCsv(groupedEconomicsSchema, 'A row for each group and currency.') },
});

export function registerUnitEconomics(app: Api): void {
  app.openapi(ofThesis, async (c) => {
    const { thesisId } = c.req.valid('param');
    const { knownAt = null, format } = c.req.valid('query');
    const economics = await readThesisEconomics(c.var.db, thesisId, {
      knownAt,
      now: c.var.now().toISOString(),
    });
    if (economics === null) {
      throw new Problem(
        'thesis_unknown',
        `There is no thesis ${thesisId}${knownAt === null ? '' : ` at ${knownAt}`}.`,
      );
    }
    if (wantsCsv(c, format)) return file(c, thesisAsCsv(economics), `unit-economics-${thesisId}.csv`);
    return c.json({ ...economics, knownAt, definitions: DEFINITIONS }, 200, VARY);
  });

  app.openapi(grouped, async (c) => {
    const { groupBy, knownAt = null, currency = null, format } = c.req.valid('query');
    const now = c.var.now().toISOString();
    const query = { groupBy: [groupBy], thesisId: null, currency, knownAt, now };
    const { [groupBy]: groups } = await readUnitEconomics(c.var.db, query);
    if (wantsCsv(c, format)) return file(c, groupsAsCsv(groupBy, groups), `unit-economics-by-${groupBy}.csv`);
    return c.json({ groupBy, knownAt, definitions: DEFINITIONS, groups }, 200, VARY);
  });
}

const VARY = { vary: 'Accept' };

function jsonOrCsv<S extends z.ZodType>(schema: S, description: string) {
  const { content } = jsonAnswer(schema, description);
  return { description, content: { ...content, [CSV]: { schema: z.string() } } } as const;
}

/** `format` decides; without it the Accept header does, and JSON when that leaves it open. */
function wantsCsv(c: ApiContext, format: 'json' | 'csv' | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  const supports = ['application/json', CSV];
  return accepts(c, { header: 'Accept', supports, default: 'application/json' }) === CSV;
}

function file(c: ApiContext, text: string, name: string) {
  return c.body(text, 200, {
    ...VARY,
    'content-type': `${CSV}; charset=utf-8; header=present`,
    'content-disposition': `attachment; filename="${name}"`,
  });
}
