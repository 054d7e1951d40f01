// Members: added, listed, changed and made inactive, with the last administrator always kept.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../db/connect.ts';
import { addMember, changeMember, listMembers, lockAdministrators } from '../../db/members.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

test('a member is added once and found again', async () => {
  const claire = { memberId: 'claire', name: 'Claire Martin', roles: ['growth_lead', 'finance'] };
  const added = await api.send('admin', 'POST', '/v1/members', claire);
  expect(added).toMatchObject({ status: 201, body: { ...claire, active: true } });
  expect(await api.send('auditor', 'GET', '/v1/members/claire')).toMatchObject({ status: 200, body: claire });
  const again = await api.send('admin', 'POST', '/v1/members', claire);
  expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
});

test('a member that cannot be one is refused by field', async () => {
  const answer = await api.send('admin', 'POST', '/v1/members', {
    memberId: 'me',
    name: 'a\u0007b',
    roles: ['growth_lead', 'king'],
    salary: 1,
  });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: 'invalid_input' });
  const paths = new Set((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path));
  expect(paths).toEqual(new Set(['memberId', 'name', 'roles[1]', 'salary']));
});

test('pages follow each other without a gap or a repeat', async () => {
  const seen: string[] = [];
  let query = '?limit=2';
  for (;;) {
    const { body } = await api.send('finance', 'GET', `/v1/members${query}`);
    const { items, next } = body as { items: { memberId: string }[]; next: string | null };
    expect(items.length).toBeLessThanOrEqual(2);
    seen.push(...items.map((item) => item.memberId));
    if (next === null) break;
    query = `?limit=2&cursor=${next}`;
  }
  expect(seen).toEqual([...new Set(seen)].toSorted());
  expect(seen).toContain('growth-lead');
  const foreign = await api.send('finance', 'GET', '/v1/members?cursor=YSZi');
  expect(foreign).toMatchObject({ status: 422, body: { errors: [{ path: 'query.cursor' }] } });
});

test('a key of a member made inactive is refused at once', async () => {
  expect(await api.send('auditor', 'GET', '/v1/members/me')).toMatchObject({ status: 200 });
  await api.send('admin', 'PATCH', '/v1/members/auditor', { active: false });
  expect(await api.send('auditor', 'GET', '/v1/members/me')).toMatchObject({ status: 401 });
  await api.send('admin', 'PATCH', '/v1/members/auditor', { active: true });
  expect(await api.send('auditor', 'GET', '/v1/members/me')).toMatchObject({ status: 200 });
});

test('the last active administrator stays one, even when two are removed at once', async () => {
  const alone = await api.send('admin', 'PATCH', '/v1/members/admin', { active: false });
  expect(alone).toMatchObject({ status: 409, body: { code: 'conflict' } });
  await api.send('admin', 'POST', '/v1/members', { memberId: 'second', name: 'Second', roles: ['admin'] });
  const both = await Promise.all([
    api.send('admin', 'PATCH', '/v1/members/admin', { roles: ['auditor'] }),
    api.send('admin', 'PATCH', '/v1/members/second', { active: false }),
  ]);
  // The second either sees that it would be the last, or comes from somebody who no longer is one.
  expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
  const { body } = await api.send('growth_lead', 'GET', '/v1/members?limit=200');
  const { items } = body as { items: { roles: string[]; active: boolean }[] };
  expect(items.filter(({ roles, active }) => active && roles.includes('admin'))).toHaveLength(1);
});

test('of two removals that meet in the database, the second waits and sees the first', async () => {
  const removeFirst = async (db: Db) => {
    await lockAdministrators(db);
    const [first] = (await listMembers(db, { after: '', limit: 50 })).filter(
      ({ roles, active }) => active && roles.includes('admin'),
    );
    await changeMember(db, first?.memberId ?? '', { active: false });
    return lockAdministrators(db);
  };
  await addMember(api.db, { memberId: 'third', name: 'Third', roles: ['admin'] });
  const remove = () => api.db.transaction().execute(removeFirst);
  const left = await Promise.all([remove(), remove()]);
  expect(left.toSorted()).toEqual([0, 1]);
});
