// Who reads metrics and traces of the processes, and where.

import { z } from 'zod';
import { hostAndPort, type Values } from './value.ts';

export const TELEMETRY_KEYS = {
  JALON_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'Must be 16 to 200 visible ASCII characters.')
    .optional()
    .meta({
      description:
        "Bearer token with which Prometheus reads /metrics of API and workers. Absent: a worker shows none, the API only to an administrator's or auditor's key.",
    }),
  JALON_SDK_METRICS_ADDRESS: hostAndPort().optional().meta({
    description:
      "Where a worker serves the metrics of Temporal's SDK to Prometheus, without a token: keep it inside. Absent: nowhere.",
    example: '127.0.0.1:9464',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'Must be a URL.' })
    .optional()
    .meta({
      description:
        'Collector of OpenTelemetry traces, over HTTP; OTEL_EXPORTER_OTLP_HEADERS is read too. Absent: nothing is traced.',
      example: 'http://localhost:4318',
    }),
};

export interface TelemetryConfig {
  readonly metricsToken: string | null;
  readonly sdkMetricsAddress: string | null;
  /** Null: nothing is traced. */
  readonly otlpEndpoint: string | null;
}

export function telemetryConfig(keys: Values<typeof TELEMETRY_KEYS>): TelemetryConfig {
  return {
    metricsToken: keys.JALON_METRICS_TOKEN ?? null,
    sdkMetricsAddress: keys.JALON_SDK_METRICS_ADDRESS ?? null,
    otlpEndpoint: keys.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}
