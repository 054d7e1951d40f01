// Temporal's remote codec: lets its UI and command line show payloads to operators who hold a key of ours, and write
// some. The only routes that another origin may call, and only the one that the configuration names.

import { z } from '@hono/zod-openapi';
import type { Payload } from '@temporalio/common';
import { cors } from 'hono/cors';
import type { Api } from './context.ts';
import type { OperationDeps } from './operation-deps.ts';
import { Problem } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';

const base64 = z.base64().or(z.literal(''));

/** Payloads as protocol buffers' JSON writes them. */
const payloads = z
  .object({
    payloads: z
      .array(
        z.object({
          metadata: z.record(z.string().max(200), base64).optional(),
          data: base64.optional(),
        }),
      )
      .max(1_000),
  })
  .openapi('TemporalPayloads');

/** Temporal's own limit of one message, in base64. */
const MAXIMUM_BODY = 6 * 1024 * 1024;

const DIRECTIONS = {
  decode: { summary: "Read payloads for Temporal's UI and command line", roles: ['admin', 'auditor'] },
  encode: { summary: "Write payloads for Temporal's UI and command line", roles: ['admin'] },
} as const;

export function registerCodec(app: Api, { payloadCodec, temporalUiOrigin }: OperationDeps): void {
  if (temporalUiOrigin !== null) {
    const allowHeaders = ['Authorization', 'Content-Type', 'X-Namespace'];
    app.use(
      '/codec/*',
      cors({ origin: temporalUiOrigin, allowMethods: ['POST'], allowHeaders, maxAge: 600 }),
    );
  }
  for (const direction of ['decode', 'encode'] as const) {
    const declared = route({
      method: 'post',
      path: `/codec/${direction}`,
      ...DIRECTIONS[direction],
      idempotent: 'computation',
      maximumBody: MAXIMUM_BODY,
      request: { body: jsonBody(payloads) },
      responses: { 200: jsonAnswer(payloads, 'The payloads, in the same order.') },
    });
    app.openapi(declared, async (c) => {
      const sent = c.req.valid('json').payloads.map(fromJson);
      try {
        const answered = payloadCodec === null ? sent : await payloadCodec[direction](sent);
        return c.json({ payloads: answered.map(toJson) }, 200);
      } catch (error) {
        throw new Problem('invalid_input', 'A payload cannot be read with the keys of this API.', {
          cause: error,
        });
      }
    });
  }
}

interface JsonPayload {
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly data?: string | undefined;
}

function fromJson({ metadata = {}, data = '' }: JsonPayload): Payload {
  const entries = Object.entries(metadata).map(
    ([key, value]) => [key, Buffer.from(value, 'base64')] as const,
  );
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data, 'base64') };
}

function toJson({ metadata, data }: Payload): { metadata: Record<string, string>; data: string } {
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, textOf(value)] as const);
  return { metadata: Object.fromEntries(entries), data: textOf(data) };
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}
