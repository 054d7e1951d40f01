// Who may come in: the bearer token, then how often, then the roles that the route declares. Every route passes through
// here; which roles it admits stands beside the route.

import type { MiddlewareHandler } from 'hono';
import type { Member, Role } from '../domain/role.ts';
import type { ApiEnv } from './context.ts';
import { Problem } from './problem.ts';

/** At least one role. */
export type Roles = readonly [Role, ...Role[]];

/** Every member, whatever the role. */
export const EVERY_ROLE: Roles = ['growth_lead', 'committee_member', 'finance', 'auditor', 'admin'];

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/** Lets in who holds one of the roles; 401 without a valid token, 429 too often, 403 without the role. */
export function admit(roles: Roles): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const token = BEARER.exec(c.req.header('authorization') ?? '')?.[1];
    if (token === undefined) throw new Problem('unauthenticated', 'The request carries no bearer token.');
    const caller = await c.var.entrance(c, token);
    await c.var.rateLimit(c, caller.credential);
    if (!caller.member.roles.some((role) => roles.includes(role))) {
      throw new Problem('forbidden', `Needs one of the roles: ${roles.join(', ')}.`);
    }
    c.set('caller', caller);
    c.set('member', caller.member);
    await next();
  };
}

export function isAdmin(member: Member): boolean {
  return member.roles.includes('admin');
}
