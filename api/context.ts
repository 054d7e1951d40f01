// What every handler finds in its request context: `c.var.member`, `c.var.db` and the rest.

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Db } from '../db/connect.ts';
import type { Member } from '../domain/role.ts';
import type { Caller, Entrance } from './entrance.ts';
import type { RateLimit } from './rate-limit.ts';

export interface ApiEnv {
  Variables: {
    requestId: string;
    log: Logger;
    now: () => Date;
    /** Reads a bearer token. */
    entrance: Entrance;
    /** Counts a request of a credential. */
    rateLimit: RateLimit;
    /** Headers that tell what is left of the limit. */
    quota: Readonly<Record<string, string>> | undefined;
    /** What the member calls with. Absent on public routes. */
    caller: Caller;
    /** Who calls, with the roles of this request. Absent on public routes, which have nobody to ask about. */
    member: Member;
    /** The pool; on a write of the kind `transaction`, the transaction that also keeps the answer. */
    db: Db;
    /** On writes: the id for what the request makes, the same at every attempt with one Idempotency-Key. */
    reservedId: string;
    /** Whether an earlier attempt reserved that id, and may have acted. */
    repeated: boolean;
  };
}

export type Api = OpenAPIHono<ApiEnv>;

export type ApiContext = Context<ApiEnv>;
