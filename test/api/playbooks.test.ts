// Playbooks over HTTP: checked, numbered, listed, and never changed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureBuiltInPlaybooks } from '../../db/playbooks.ts';
import { CMO_CYCLE } from '../../domain/playbook/cmo-cycle.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

const { version: _, ...builtIn } = CMO_CYCLE;

beforeAll(async () => {
  api = await createTestApi();
  await Promise.all([ensureBuiltInPlaybooks(api.db), ensureBuiltInPlaybooks(api.db)]);
});
afterAll(() => api.close());

test('the built-in playbook is there, word for word', async () => {
  const sent = await api.send('growth_lead', 'GET', '/v1/playbooks/cmo-cycle?version=1');
  expect(sent).toMatchObject({ status: 200, body: JSON.parse(JSON.stringify(CMO_CYCLE)) });
});

test('what is posted is kept as it came, and gets the next number', async () => {
  const first = await api.send('admin', 'POST', '/v1/playbooks', { ...builtIn, name: 'mine' });
  expect(first).toMatchObject({ status: 201, body: { name: 'mine', version: 1 } });
  const changed = { ...builtIn, name: 'mine', title: 'Second thoughts' };
  expect(await api.send('admin', 'POST', '/v1/playbooks', changed)).toMatchObject({ body: { version: 2 } });
  const newest = await api.send('auditor', 'GET', '/v1/playbooks/mine');
  expect(newest.body).toEqual({ ...JSON.parse(JSON.stringify(changed)), version: 2 });
  expect(await api.send('auditor', 'GET', '/v1/playbooks/mine?version=1')).toMatchObject({
    body: { title: CMO_CYCLE.title },
  });
});

test('versions added at once get different numbers', async () => {
  const body = { ...builtIn, name: 'crowded' };
  const sent = await Promise.all(
    Array.from({ length: 4 }, () => api.send('admin', 'POST', '/v1/playbooks', body)),
  );
  const versions = sent.map((answer) => (answer.body as { version: number }).version);
  expect(versions.toSorted()).toEqual([1, 2, 3, 4]);
});

test('the list turns its pages through every version', async () => {
  const seen: string[] = [];
  let query = '?limit=2';
  for (;;) {
    const { body } = await api.send('finance', 'GET', `/v1/playbooks${query}`);
    const { items, next } = body as { items: { name: string; version: number }[]; next: string | null };
    seen.push(...items.map(({ name, version }) => `${name}/${version}`));
    if (next === null) break;
    query = `?limit=2&cursor=${next}`;
  }
  expect(seen).toEqual([
    'cmo-cycle/1',
    'crowded/1',
    'crowded/2',
    'crowded/3',
    'crowded/4',
    'mine/1',
    'mine/2',
  ]);
});

test('a fault of form and a fault of sense are both named by their path', async () => {
  const plan = builtIn.stages.prototype;
  const [first, ...rest] = plan.criteria;
  const prototype = (rule: object) => ({
    ...builtIn,
    stages: { ...builtIn.stages, prototype: { ...plan, criteria: [{ ...first, rule }, ...rest] } },
  });
  const form = await api.send(
    'admin',
    'POST',
    '/v1/playbooks',
    prototype({ kind: 'threshold', comparison: 'at_least', bound: 1 }),
  );
  expect(form).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  expect(form.body).toMatchObject({ errors: [{ path: 'stages.prototype.criteria[0].rule.bound' }] });
  const sense = await api.send('admin', 'POST', '/v1/playbooks', prototype({ kind: 'versus_control' }));
  expect(sense).toMatchObject({ status: 422, body: { code: 'playbook_invalid' } });
  expect(sense.body).toMatchObject({ errors: [{ path: 'stages.prototype.criteria[0].rule.kind' }] });
});

test('a playbook that does not exist answers 404, and no version can be changed in the database', async () => {
  expect(await api.send('finance', 'GET', '/v1/playbooks/none')).toMatchObject({
    status: 404,
    body: { code: 'playbook_unknown' },
  });
  const change = api.db.updateTable('playbook').set({ title: 'Other' }).where('version', '=', 1).execute();
  await expect(change).rejects.toThrow('append-only');
});
