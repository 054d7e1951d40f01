// Playbooks: versioned and never changed. A thesis keeps the version that it was launched with, whatever comes later.

import { z } from '@hono/zod-openapi';
import { addPlaybook, findPlaybook, listPlaybooks } from '../db/playbooks.ts';
import { checkPlaybook } from '../domain/playbook/check.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api } from './context.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { newPlaybook, playbookSchema, playbookVersion } from './schemas/playbook.ts';
import { slug } from './schemas/primitives.ts';

const list = route({
  method: 'get',
  path: '/v1/playbooks',
  summary: 'List the playbooks, every version',
  roles: EVERY_ROLE,
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(pageOf(playbookVersion), 'Versions by name, oldest first.') },
});

const get = route({
  method: 'get',
  path: '/v1/playbooks/{name}',
  summary: 'A playbook, its newest version or the one asked for',
  roles: EVERY_ROLE,
  request: {
    params: z.object({ name: slug }),
    query: z.object({ version: z.coerce.number().int().min(1).max(1_000_000).optional() }),
  },
  responses: { 200: jsonAnswer(playbookSchema, 'The playbook.') },
});

const add = route({
  method: 'post',
  path: '/v1/playbooks',
  summary: 'Add a playbook, or the next version of one',
  description: 'A version is never changed. Theses that run keep the version they were launched with.',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { body: jsonBody(newPlaybook) },
  responses: { 201: jsonAnswer(playbookSchema, 'The version added.') },
});

export function registerPlaybooks(app: Api): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const key = cursorKey(cursor, 'text', 'integer');
    const after = key === null ? null : { name: key[0], version: Number(key[1]) };
    const rows = await listPlaybooks(c.var.db, { after, limit: limit + 1 });
    return c.json(
      page(rows, limit, ({ name, version }) => [name, String(version)]),
      200,
    );
  });

  app.openapi(get, async (c) => {
    const { name } = c.req.valid('param');
    const version = c.req.valid('query').version ?? null;
    const playbook = await findPlaybook(c.var.db, name, version);
    if (playbook === null) {
      const wanted = version === null ? '' : ` in version ${version}`;
      throw new Problem('playbook_unknown', `There is no playbook ${name}${wanted}.`);
    }
    return c.json(playbook, 200);
  });

  app.openapi(add, async (c) => {
    const playbook = c.req.valid('json');
    refuseFields(checkPlaybook(playbook), 'playbook_invalid');
    return c.json(await addPlaybook(c.var.db, playbook, c.var.member.memberId), 201);
  });
}
