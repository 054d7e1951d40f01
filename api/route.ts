// How a route is declared: `app.openapi(route({ ... }), handler)`. Closed by default: a route without roles does not
// compile, and a write without an Idempotency-Key is refused before its handler is reached.

import { createRoute, type RouteConfig, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { admit, type Roles } from './access.ts';
import type { ApiEnv } from './context.ts';
import { type Idempotent, once } from './idempotency.ts';
import { limitBody, limitTime } from './request-limits.ts';
import { strictJson } from './strict-json.ts';

interface Declaration {
  /** OpenAPI style: `/v1/members/{memberId}`. Its second segment is the tag in the documentation. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly request?: RouteConfig['request'];
  readonly responses: RouteConfig['responses'];
}

interface Read extends Declaration {
  readonly method: 'get';
  /** Who may call it; `public` without a key. */
  readonly roles: Roles | 'public';
}

interface Write extends Declaration {
  readonly method: 'post' | 'put' | 'patch' | 'delete';
  readonly roles: Roles;
  /** See `Idempotent`; absent: `reserved`. */
  readonly idempotent?: Idempotent;
  /** Bytes of body beyond which 413 is answered; absent: 1 MiB. Not for `per-row`, which counts its own rows. */
  readonly maximumBody?: number;
  /** Takes out of the kept answer what may be shown only once; absent: nothing. */
  readonly redact?: (body: object) => object;
}

export type RouteDeclaration = Read | Write;

type Query = NonNullable<RouteConfig['request']>['query'];

const DEFAULT_BODY = 1024 * 1024;

/** Longer than any read of ours takes, and than the engine is waited for; not for rows, which are read as they come. */
const LONGEST_MS = 60_000;

/** Adds to a declaration what all routes share: access, limits, exactly-once writes, and how they are documented. */
export function route<const D extends RouteDeclaration>(declaration: D): Documented<D>;
export function route(declaration: RouteDeclaration): RouteConfig {
  const { method, path, summary, description, request, responses, roles } = declaration;
  const open = roles === 'public';
  return createRoute({
    method,
    path,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(open ? {} : { request: { ...request, query: strict(request?.query) } }),
    ...(asksForKey(declaration) ? { parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }] } : {}),
    tags: [tagOf(path)],
    security: open ? [] : [{ apiKey: [] }],
    responses: { ...responses, ...problems(declaration) },
    middleware: middlewareOf(declaration),
    'x-roles': open ? 'public' : [...roles],
  });
}

type Documented<D extends RouteDeclaration> = Omit<D, 'roles' | 'idempotent' | 'maximumBody' | 'redact'>;

/** A JSON body, mandatory. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/** A JSON answer. Its handler may return the domain's read-only types, as an answer is never changed. */
export function jsonAnswer<S extends z.ZodType>(schema: S, description: string): JsonAnswer<z.output<S>>;
export function jsonAnswer(schema: z.ZodType, description: string): JsonAnswer<unknown> {
  return { description, content: { 'application/json': { schema } } };
}

interface JsonAnswer<T> {
  readonly description: string;
  readonly content: { readonly 'application/json': { readonly schema: z.ZodType<ReadOnly<T>> } };
}

type ReadOnly<T> = T extends object ? { readonly [Key in keyof T]: ReadOnly<T[Key]> } : T;

function middlewareOf(declaration: RouteDeclaration): MiddlewareHandler<ApiEnv>[] {
  const entrance = declaration.roles === 'public' ? [] : [admit(declaration.roles)];
  if (declaration.method === 'get') return [limitTime(LONGEST_MS), ...entrance];
  const { idempotent = 'reserved', maximumBody = DEFAULT_BODY, redact = (body) => body } = declaration;
  if (idempotent === 'per-row') return entrance;
  const required = declaration.request?.body?.required === true;
  const limited = [limitTime(LONGEST_MS), ...entrance, limitBody(maximumBody), strictJson({ required })];
  return idempotent === 'computation' ? limited : [...limited, once(idempotent, redact)];
}

/** A query without parameters that nobody knows: a misspelt filter would silently answer with everything. */
function strict(query: Query): Query {
  return query instanceof z.ZodObject ? query.strict() : (query ?? z.strictObject({}));
}

function asksForKey(declaration: RouteDeclaration): boolean {
  if (declaration.method === 'get') return false;
  return declaration.idempotent !== 'per-row' && declaration.idempotent !== 'computation';
}

function tagOf(path: string): string {
  return /^\/v1\/([^/]+)/.exec(path)?.[1] ?? 'service';
}

/** The problem answers that a route can give, all in one form. */
function problems(declaration: RouteDeclaration): RouteConfig['responses'] {
  const problem = { $ref: '#/components/responses/Problem' };
  return {
    ...(declaration.roles === 'public' ? {} : { 401: problem, 403: problem }),
    ...(asksForKey(declaration) ? { 400: problem } : {}),
    ...(declaration.request?.body === undefined ? {} : { 413: problem, 415: problem }),
    ...(declaration.request === undefined ? {} : { 422: problem }),
    default: problem,
  };
}
