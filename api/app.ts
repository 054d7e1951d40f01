// Puts the API together: the context of a request, the shape of every failure, and the list of resources. Opens no
// connection and no port; what it works with comes in as ApiDeps.

import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import { uuidv7 } from 'uuidv7';
import { allowedMethods } from './allowed-methods.ts';
import { registerApiKeys } from './api-keys.ts';
import { registerCatalogues } from './catalogues.ts';
import { registerCodec } from './codec.ts';
import { registerCommittees } from './committees.ts';
import { registerConnections } from './connections.ts';
import type { Api, ApiEnv } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { registerDocs } from './docs.ts';
import { createEntrance } from './entrance.ts';
import { registerEvents } from './events.ts';
import { registerEvidence } from './evidence.ts';
import { registerExperimentDesigns } from './experiment-designs.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { problemOf } from './failure.ts';
import { registerGates } from './gates.ts';
import { registerHealth } from './health.ts';
import { registerLearnings } from './learnings.ts';
import { registerMembers } from './members.ts';
import { registerMetrics } from './metrics.ts';
import { registerObservations } from './observations.ts';
import { registerComponents, registerOpenApi } from './openapi.ts';
import { quietOperation } from './operation-deps.ts';
import { registerPlaybooks } from './playbooks.ts';
import { explain, Problem, problemResponse } from './problem.ts';
import { createRateLimit } from './rate-limit.ts';
import { registerReadOuts } from './read-outs.ts';
import { limitAddress } from './request-limits.ts';
import { requestMetrics, requestSpans } from './request-observers.ts';
import { fieldErrors } from './schemas/field-errors.ts';
import { registerTheses } from './theses.ts';
import { registerUnitEconomics } from './unit-economics.ts';
import { registerWebhookDeliveries } from './webhook-deliveries.ts';
import { registerWebhooks } from './webhooks.ts';

/** The whole API over its dependencies. */
export function createApp(deps: ApiDeps): Api {
  const app: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const fields = fieldErrors(result.error, result.target);
      throw new Problem('invalid_input', 'Some fields are not valid.', { fields });
    },
  });
  const operation = deps.operation ?? quietOperation();
  app.use(secureHeaders(), context(deps), requestMetrics(operation.registry), requestSpans(), limitAddress);
  app.onError((error, c) => {
    const problem = problemOf(error);
    const unexpected = explain(problem.code).status >= 500;
    if (unexpected) c.var.log.error({ err: problem.cause ?? problem }, problem.message);
    else if (problem.cause !== undefined) c.var.log.warn({ err: problem.cause }, problem.message);
    return problemResponse(problem, c.var.requestId);
  });
  registerComponents(app);
  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path);
    const problem =
      allowed.length === 0
        ? new Problem('not_found', `${c.req.method} ${c.req.path}`)
        : new Problem('method_not_allowed', `${c.req.method} is not possible here.`, { allow: allowed });
    return problemResponse(problem, c.var.requestId);
  });
  registerTheses(app, deps);
  registerEvents(app, deps, operation);
  registerEvidence(app, deps);
  registerReadOuts(app);
  registerExperimentDesigns(app);
  registerObservations(app);
  registerGates(app, deps);
  registerLearnings(app, deps);
  registerUnitEconomics(app);
  registerMembers(app);
  registerApiKeys(app);
  registerCommittees(app, deps);
  registerPlaybooks(app);
  registerConnections(app, deps);
  registerWebhooks(app, deps);
  registerWebhookDeliveries(app);
  registerCatalogues(app);
  registerHealth(app, deps);
  registerMetrics(app, operation);
  registerCodec(app, operation);
  registerOpenApi(app);
  registerDocs(app);
  return app;
}

/** Gives each request its id, its log and its dependencies, and writes one line when it is answered. */
function context(deps: ApiDeps) {
  const { oidc, trustedProxies, requestsPerMinute, failedAttempts } = deps.access;
  const attempts = createFailedAttempts(deps.db, failedAttempts);
  const entrance = createEntrance({ attempts, oidc, trustedProxies });
  const rateLimit = createRateLimit(deps.db, requestsPerMinute);
  return createMiddleware<ApiEnv>(async (c, next) => {
    const requestId = uuidv7();
    const log = deps.log.child({ requestId });
    c.set('requestId', requestId);
    c.set('log', log);
    c.set('now', deps.now);
    c.set('db', deps.db);
    c.set('entrance', entrance);
    c.set('rateLimit', rateLimit);
    const begun = performance.now();
    await next();
    c.header('x-request-id', requestId);
    for (const [name, value] of Object.entries(c.var.quota ?? {})) c.header(name, value);
    if (c.req.path.startsWith('/v1/')) c.header('cache-control', 'no-store');
    const ms = Math.round(performance.now() - begun);
    const member = c.var.member?.memberId;
    log.info({ method: c.req.method, path: c.req.path, status: c.res.status, ms, member }, 'answered');
  });
}
