// OpenTelemetry for a process: where spans go, how they follow a request into workflows and activities, and the span
// of a database query. Installed only when a collector is configured; without it every span is a no-op.

import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import type { LogEvent } from 'kysely';
import { CODE_VERSION } from '../domain/version.ts';

export interface Tracing {
  /** For Temporal's client and worker: spans of workflows and activities, in the trace of who asked. */
  readonly plugin: OpenTelemetryPlugin;
  /** For the database pool: a span of each query, without its values. */
  readonly onQuery: (event: LogEvent) => void;
  /** Sends what is not sent yet and ends. */
  close(): Promise<void>;
}

/** Traces this process to an OTLP collector over HTTP: `endpoint` is its base address. */
export function openTracing(service: string, endpoint: string): Tracing {
  const resource = new Resource({ 'service.name': service, 'service.version': CODE_VERSION });
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const spanProcessor = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 });
  const provider = new BasicTracerProvider({ resource, spanProcessors: [spanProcessor] });
  const contextManager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contextManager);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return {
    plugin: new OpenTelemetryPlugin({ resource, spanProcessor }),
    onQuery: traceQuery,
    close: () => provider.shutdown(),
  };
}

/** The query is over when Kysely tells of it: its span is written after the fact, under the span it ran in. */
function traceQuery(event: LogEvent): void {
  // A query that belongs to no request and no activity is our own housekeeping.
  if (trace.getActiveSpan() === undefined) return;
  const endTime = Date.now();
  const { sql } = event.query;
  const span = trace.getTracer('jalon').startSpan(`postgresql ${sql.split(' ', 1)[0] ?? 'query'}`, {
    kind: SpanKind.CLIENT,
    startTime: endTime - event.queryDurationMillis,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': sql },
  });
  if (event.level === 'error') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endTime);
}
