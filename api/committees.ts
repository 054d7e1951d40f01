// Committees: who sits in which seat, and when they work. Replaced whole; gates that are open keep the committee
// that they opened with.

import { z } from '@hono/zod-openapi';
import { findCommittee, listCommittees, saveCommittee } from '../db/committees.ts';
import type { Db } from '../db/connect.ts';
import { activeMembers } from '../db/members.ts';
import type { SeatHolder } from '../domain/gate.ts';
import type { FieldError } from '../domain/refusal.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { committeeBody, committeeSchema } from './schemas/committee.ts';
import { slug } from './schemas/primitives.ts';

const params = z.object({ name: slug });

const list = route({
  method: 'get',
  path: '/v1/committees',
  summary: 'List the committees',
  roles: EVERY_ROLE,
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(pageOf(committeeSchema), 'Committees by name.') },
});

const get = route({
  method: 'get',
  path: '/v1/committees/{name}',
  summary: 'One committee',
  roles: EVERY_ROLE,
  request: { params },
  responses: { 200: jsonAnswer(committeeSchema, 'The committee.') },
});

const put = route({
  method: 'put',
  path: '/v1/committees/{name}',
  summary: 'Create a committee, or replace it whole',
  description: 'Counts for gates that open from now on. Each holder must be an active member.',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { params, body: jsonBody(committeeBody) },
  responses: { 200: jsonAnswer(committeeSchema, 'The committee as it stands now.') },
});

export function registerCommittees(app: Api, { checkCalendar }: Pick<ApiDeps, 'checkCalendar'>): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursorKey(cursor, 'text')?.[0] ?? '';
    const rows = await listCommittees(c.var.db, { after, limit: limit + 1 });
    return c.json(
      page(rows, limit, ({ name }) => [name]),
      200,
    );
  });

  app.openapi(get, async (c) => {
    const { name } = c.req.valid('param');
    const committee = await findCommittee(c.var.db, name);
    if (committee === undefined) throw new Problem('committee_unknown', `There is no committee ${name}.`);
    return c.json(committee, 200);
  });

  app.openapi(put, async (c) => {
    const { name } = c.req.valid('param');
    const { holders, calendar } = c.req.valid('json');
    const faults = checkCalendar(calendar).map(({ path, message }) => ({
      path: `calendar.${path}`,
      message,
    }));
    refuseFields([...(await checkHolders(c.var.db, holders)), ...faults]);
    return c.json(await saveCommittee(c.var.db, { name, holders, calendar }, c.var.member.memberId), 200);
  });
}

async function checkHolders(db: Db, holders: readonly SeatHolder[]): Promise<FieldError[]> {
  const members = holders.map(({ member }) => member);
  const active = await activeMembers(db, members);
  return members.flatMap((member, index) => {
    const path = `holders[${index}].member`;
    if (members.indexOf(member) < index) return [{ path, message: `${member} already holds a seat.` }];
    return active.has(member) ? [] : [{ path, message: `There is no active member ${member}.` }];
  });
}
