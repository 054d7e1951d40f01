// Watches requests without touching them: how long each route takes and how it answers, and a span that everything
// done for the request hangs under. Routes are named by their pattern: an id never becomes a label.

import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { Histogram, type Registry } from 'prom-client';
import type { ApiEnv } from './context.ts';

/** Counts and times every request in `registry`. */
export function requestMetrics(registry: Registry): MiddlewareHandler<ApiEnv> {
  const seconds = new Histogram({
    name: 'jalon_http_request_duration_seconds',
    help: 'How long requests took to be answered.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [registry],
  });
  return async (c, next) => {
    const done = seconds.startTimer();
    await next();
    done({ method: c.req.method, route: routePath(c, -1), status: String(c.res.status) });
  };
}

/** A server span a request, in the caller's trace when it sent one. A no-op unless the process traces. */
export function requestSpans(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const parent = propagation.extract(context.active(), Object.fromEntries(c.req.raw.headers));
    const attributes = { 'http.request.method': c.req.method, 'jalon.request_id': c.var.requestId };
    const options = { kind: SpanKind.SERVER, attributes };
    const span = trace.getTracer('jalon').startSpan(c.req.method, options, parent);
    await context.with(trace.setSpan(parent, span), next);
    const route = routePath(c, -1);
    span.updateName(`${c.req.method} ${route}`);
    span.setAttributes({ 'http.route': route, 'http.response.status_code': c.res.status });
    if (c.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };
}
