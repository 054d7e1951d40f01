// Connections to the customer's systems: settings, queries, and a secret that goes in and never comes out.

import { z } from '@hono/zod-openapi';
import { findConnection, listConnections, saveConnection } from '../db/connections.ts';
import type { Api } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { connectionBody, connectionSchema } from './schemas/connection.ts';
import { slug } from './schemas/primitives.ts';

const params = z.object({ name: slug });

const list = route({
  method: 'get',
  path: '/v1/connections',
  summary: 'List the connections',
  roles: ['admin', 'growth_lead', 'auditor'],
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(pageOf(connectionSchema), 'Connections by name, without secrets.') },
});

const get = route({
  method: 'get',
  path: '/v1/connections/{name}',
  summary: 'One connection',
  roles: ['admin', 'growth_lead', 'auditor'],
  request: { params },
  responses: { 200: jsonAnswer(connectionSchema, 'The connection, without its secret.') },
});

const put = route({
  method: 'put',
  path: '/v1/connections/{name}',
  summary: 'Create a connection, or replace it whole',
  description: 'Theses bound to it use it as it stands at their next collection.',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { params, body: jsonBody(connectionBody) },
  responses: { 200: jsonAnswer(connectionSchema, 'The connection, without its secret.') },
});

type Deps = Pick<ApiDeps, 'checkQueries' | 'secretBox'>;

export function registerConnections(app: Api, { checkQueries, secretBox }: Deps): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursorKey(cursor, 'text')?.[0] ?? null;
    const rows = await listConnections(c.var.db, { after, limit: limit + 1 });
    return c.json(
      page(rows, limit, ({ name }) => [name]),
      200,
    );
  });

  app.openapi(get, async (c) =>
    c.json(found(await findConnection(c.var.db, c.req.valid('param').name)), 200),
  );

  app.openapi(put, async (c) => {
    const { name } = c.req.valid('param');
    const { secret, ...rest } = c.req.valid('json');
    refuseFields(checkQueries(rest.queries).map(underQueries));
    const sealed = secret === undefined ? null : secretBox.seal(secret);
    const saved = await saveConnection(c.var.db, { name, ...rest }, sealed, c.var.member.memberId);
    if (!saved)
      refuseFields([
        { path: 'secret', message: 'Needed for a new connection, and for another server or user.' },
      ]);
    return c.json(found(await findConnection(c.var.db, name)), 200);
  });
}

/** `[0].sql` reads `queries[0].sql`, and the whole list `queries`. */
function underQueries({ path, message }: { path: string; message: string }) {
  return { path: path === '$' ? 'queries' : `queries${path}`, message };
}

function found<T>(connection: T | null): T {
  if (connection === null) throw new Problem('not_found', 'There is no connection with this name.');
  return connection;
}
