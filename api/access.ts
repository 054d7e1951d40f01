// Who may come in: the bearer token, then how often, then the roles that the route declares. Every route passes through
// here; which roles it admits stands beside the route.

import type { MiddlewareHandler } from 'hono';
import type { Member, Role } from '../domain/role.ts';
import type { ApiContext, ApiEnv } from './context.ts';
import type { Caller } from './entrance.ts';
import { Problem } from './problem.ts';

/** At least one role. */
export type Roles = readonly [Role, ...Role[]];

/** Every member, whatever the role. */
export const EVERY_ROLE: Roles = ['growth_lead', 'committee_member', 'finance', 'auditor', 'admin'];

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/** Lets in who holds one of the roles; 401 without a valid token, 429 too often, 403 without the role. */
export function admit(roles: Roles): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const caller = await callerOf(c);
    await c.var.rateLimit(c, caller.credential);
    requireRole(caller, roles);
    c.set('caller', caller);
    c.set('member', caller.member);
    await next();
  };
}

/** Asks again, later in the life of a request, what `admit` asked at its beginning; counts no request. */
export async function readmit(c: ApiContext, roles: Roles): Promise<void> {
  requireRole(await callerOf(c), roles);
}

async function callerOf(c: ApiContext): Promise<Caller> {
  const token = BEARER.exec(c.req.header('authorization') ?? '')?.[1];
  if (token === undefined) throw new Problem('unauthenticated', 'The request carries no bearer token.');
  return await c.var.entrance(c, token);
}

function requireRole({ member }: Caller, roles: Roles): void {
  if (member.roles.some((role) => roles.includes(role))) return;
  throw new Problem('forbidden', `Needs one of the roles: ${roles.join(', ')}.`);
}

export function isAdmin(member: Member): boolean {
  return member.roles.includes('admin');
}
