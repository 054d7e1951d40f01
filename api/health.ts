// Whether the process lives and whether it can serve. Public, and told nothing that an outsider should not know.

import { z } from '@hono/zod-openapi';
import type { Api } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { jsonAnswer, route } from './route.ts';

const alive = route({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process lives',
  roles: 'public',
  responses: { 200: jsonAnswer(z.object({ status: z.literal('alive') }), 'It lives.') },
});

const readiness = z
  .object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) })
  .openapi('Readiness');

const ready = route({
  method: 'get',
  path: '/readyz',
  summary: 'Whether everything that requests need answers',
  roles: 'public',
  responses: {
    200: jsonAnswer(readiness, 'Ready to serve.'),
    503: jsonAnswer(readiness, 'Not ready, and what does not answer.'),
  },
});

export function registerHealth(app: Api, deps: Pick<ApiDeps, 'readiness'>): void {
  app.openapi(alive, (c) => c.json({ status: 'alive' as const }, 200));
  app.openapi(ready, async (c) => {
    const state = await deps.readiness();
    return state.ready ? c.json(state, 200) : c.json(state, 503);
  });
}
