// Connections as the API shows and takes them. The secret is in what comes in and in nothing that goes out.

import { z } from '@hono/zod-openapi';
import { CONNECTION_KINDS, TLS_MODES, WAREHOUSE_DEFAULTS } from '../../domain/connection.ts';
import { isDuration, milliseconds } from '../../domain/duration.ts';
import { duration, evidenceGrade, instant, mayBeAbsent, observedMetric, slug, text } from './primitives.ts';

const LONGEST_STATEMENT = 'PT10M';
const MOST_ROWS = 1_000_000;

const settings = z
  .strictObject({
    host: text(255).openapi({ example: 'warehouse.example.com' }),
    port: z.number().int().min(1).max(65_535).default(WAREHOUSE_DEFAULTS.port),
    database: text(63),
    user: text(63),
    tls: z.enum(TLS_MODES).default(WAREHOUSE_DEFAULTS.tls),
    statementTimeout: duration
      .refine(isShort, `More than nothing, and at most ${LONGEST_STATEMENT}.`)
      .default(WAREHOUSE_DEFAULTS.statementTimeout)
      .openapi({ example: 'PT30S' }),
    rowCap: z.number().int().min(1).max(MOST_ROWS).default(WAREHOUSE_DEFAULTS.rowCap),
  })
  .openapi('WarehouseSettings');

const query = z
  .strictObject({
    metric: observedMetric,
    sql: z.string().min(1).max(20_000).openapi({
      description:
        'One SELECT with `:from` and `:to`, and named parameters that each thesis gives a value to. Of a sample it may return `covariate_sum`, `covariate_sum_squares` and `covariate_sum_of_products` beside `n`, `sum` and `sum_squares`.',
    }),
    parameters: mayBeAbsent(z.array(text(64)).max(50)),
    grade: mayBeAbsent(evidenceGrade),
  })
  .openapi('ConnectionQuery');

export const connectionBody = z
  .strictObject({
    kind: z.enum(CONNECTION_KINDS),
    settings,
    secret: z.string().min(1).max(4_096).optional().openapi({
      description:
        'The password. Write-only: never shown again. Absent: the one that is stored stays, while host, port and user stay.',
      writeOnly: true,
    }),
    queries: z.array(query).min(1),
  })
  .openapi('ConnectionBody');

export const connectionSchema = z
  .object({
    name: slug,
    kind: z.enum(CONNECTION_KINDS),
    settings,
    queries: z.array(query),
    updatedAt: instant,
    updatedBy: z.string(),
  })
  .openapi('Connection');

/** What is no duration at all is reported by `duration` itself. */
function isShort(value: string): boolean {
  if (!isDuration(value)) return true;
  const ms = milliseconds(value);
  return ms > 0 && ms <= milliseconds(LONGEST_STATEMENT);
}
