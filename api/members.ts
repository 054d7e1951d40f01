// Who takes part: members and their roles. A member is made inactive, never deleted, because the ledger names them.

import { z } from '@hono/zod-openapi';
import {
  addMember,
  changeMember,
  findMember,
  isSubjectTaken,
  listMembers,
  lockAdministrators,
} from '../db/members.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { memberChange, memberSchema, newMember } from './schemas/member.ts';
import { slug } from './schemas/primitives.ts';

const params = z.object({ memberId: slug });

const list = route({
  method: 'get',
  path: '/v1/members',
  summary: 'List the members',
  roles: EVERY_ROLE,
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(pageOf(memberSchema), 'Members by id.') },
});

const me = route({
  method: 'get',
  path: '/v1/members/me',
  summary: 'Who the key belongs to',
  roles: EVERY_ROLE,
  responses: { 200: jsonAnswer(memberSchema, 'The member who calls.') },
});

const get = route({
  method: 'get',
  path: '/v1/members/{memberId}',
  summary: 'One member',
  roles: EVERY_ROLE,
  request: { params },
  responses: { 200: jsonAnswer(memberSchema, 'The member.') },
});

const create = route({
  method: 'post',
  path: '/v1/members',
  summary: 'Add a member',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { body: jsonBody(newMember) },
  responses: { 201: jsonAnswer(memberSchema, 'The member added.') },
});

const change = route({
  method: 'patch',
  path: '/v1/members/{memberId}',
  summary: 'Change a member, or make one inactive',
  description: 'The keys of an inactive member are refused at once. The last active administrator stays one.',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { params, body: jsonBody(memberChange) },
  responses: { 200: jsonAnswer(memberSchema, 'The member after the change.') },
});

export function registerMembers(app: Api): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursorKey(cursor, 'text')?.[0] ?? '';
    const rows = await listMembers(c.var.db, { after, limit: limit + 1 });
    return c.json(
      page(rows, limit, ({ memberId }) => [memberId]),
      200,
    );
  });

  app.openapi(me, async (c) => c.json(found(await findMember(c.var.db, c.var.member.memberId)), 200));

  app.openapi(get, async (c) => {
    const { memberId } = c.req.valid('param');
    return c.json(found(await findMember(c.var.db, memberId)), 200);
  });

  app.openapi(create, async (c) => {
    const member = c.req.valid('json');
    await refuseTakenSubject(c, member.subject, member.memberId);
    const added = await addMember(c.var.db, member);
    if (!added) throw new Problem('conflict', `The member id ${member.memberId} is taken.`);
    return c.json(found(await findMember(c.var.db, member.memberId)), 201);
  });

  app.openapi(change, async (c) => {
    const { memberId } = c.req.valid('param');
    const wanted = c.req.valid('json');
    await lockAdministrators(c.var.db);
    await refuseTakenSubject(c, wanted.subject, memberId);
    const member = found(await changeMember(c.var.db, memberId, wanted));
    if ((await lockAdministrators(c.var.db)) === 0) {
      throw new Problem('conflict', 'This is the last active administrator: name another one first.');
    }
    return c.json(member, 200);
  });
}

async function refuseTakenSubject(c: ApiContext, subject: string | null | undefined, memberId: string) {
  if (typeof subject === 'string' && (await isSubjectTaken(c.var.db, subject, memberId))) {
    throw new Problem('conflict', 'Another member has this subject.');
  }
}

function found<T>(member: T | null): T {
  if (member === null) throw new Problem('not_found', 'There is no member with this id.');
  return member;
}
