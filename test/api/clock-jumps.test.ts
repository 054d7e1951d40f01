// An API whose clock jumps: it moves no thesis, what it lets in counts only once its time has come, and writes stay
// exactly-once. The machine's own clock is left alone: each part is given the one that it reads.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sealed } from '../../api/seal.ts';
import { observationsSeen } from '../../db/evidence-packs.ts';
import { between, DAY, HOUR, instant, later } from '../../domain/duration.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { briskContract } from '../support/brisk-contract.ts';
import { OWNER } from '../support/cycle.ts';
import { startSkippedTime } from '../support/skipped-time.ts';
import { day, storeThesis } from '../support/stored-thesis.ts';

const PRESENT = day('11-24');
const THREE_MONTHS = 92 * DAY;

let api: TestApi;
let now: string;

beforeAll(async () => {
  api = await createTestApi({ now: () => new Date(now) });
  await storeThesis(api.db, { thesisId: 'evidenced', windows: [['detect', '09-01', null]] });
  await api.db.updateTable('thesis').set({ owner: 'growth-lead' }).execute();
});
beforeEach(() => {
  now = PRESENT;
});
afterAll(() => api.close());

function push(rowKey: string, to: string) {
  const row = { rowKey, metric: 'clicks', from: later(to, -DAY), to, sum: '1' };
  return api.send('growth_lead', 'POST', '/v1/observations?thesis=evidenced', [row]);
}

async function seen(asOf: string): Promise<number> {
  return (await observationsSeen(api.db, { thesisId: 'evidenced', asOf })).count;
}

test('a row whose period has not begun is refused, by a clock that is right or behind; one that goes on counts at its end', async () => {
  expect((await push('in-two-days', later(PRESENT, 2 * DAY))).body).toMatchObject({
    accepted: 0,
    rejected: 1,
  });
  now = later(PRESENT, -2 * DAY);
  expect((await push('yesterday', PRESENT)).body).toMatchObject({ accepted: 0, rejected: 1 });
  now = PRESENT;
  expect((await push('yesterday', PRESENT)).body).toMatchObject({ accepted: 1 });
  expect((await push('today', later(PRESENT, HOUR))).body).toMatchObject({ accepted: 1 });
  expect([await seen(PRESENT), await seen(later(PRESENT, HOUR))]).toEqual([1, 2]);
});

test('a row that a clock three months ahead let in counts for no read-out before that time', async () => {
  now = later(PRESENT, THREE_MONTHS);
  const to = later(PRESENT, 30 * DAY);
  expect((await push('next-month', to)).body).toMatchObject({ accepted: 1 });
  const before = await seen(later(PRESENT, HOUR));
  expect(await seen(later(to, HOUR))).toBe(before);
  expect(await seen(now)).toBe(before + 1);
});

test('a write is done once, whatever the clock says when it is sent again', async () => {
  const body = { memberId: 'once', name: 'Once', roles: ['finance'] };
  const send = () => api.send('admin', 'POST', '/v1/members', body, { 'idempotency-key': 'once' });
  expect((await send()).status).toBe(201);
  for (const jump of [-HOUR, HOUR, THREE_MONTHS]) {
    now = later(PRESENT, jump);
    const again = await send();
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  }
});

test('a key that a clock ahead takes for expired is taken again once the clock is right', async () => {
  const expiring = { name: 'for a week', expiresAt: later(PRESENT, 7 * DAY) };
  const { token } = (await api.send('finance', 'POST', '/v1/api-keys', expiring)).body as { token: string };
  const status = async () => {
    const answer = await api.app.request('/v1/members/me', { headers: { authorization: `Bearer ${token}` } });
    return answer.status;
  };
  expect(await status()).toBe(200);
  now = later(PRESENT, THREE_MONTHS);
  // A key that was good once is no guess: nobody is locked out by the jump.
  for (let attempt = 0; attempt < 20; attempt += 1) expect(await status()).toBe(401);
  now = PRESENT;
  expect(await status()).toBe(200);
  now = later(PRESENT, -HOUR);
  expect(await status()).toBe(200);
});

test('theses launched by clocks that disagree by months live by one clock, Temporal’s, and none advances by it', async () => {
  const time = await startSkippedTime('clock-jumps');
  try {
    const { cycle } = time;
    const real = await time.environment.currentTimeMs();
    const ids = ['behind', 'right', 'ahead'];
    for (const [index, jump] of [-HOUR, 0, THREE_MONTHS].entries()) {
      const id = ids[index] ?? '';
      const sentBy = { by: OWNER, admin: false, commandId: `launch-${id}`, repeated: false };
      const clock = { origin: instant(real + jump), rate: 1 };
      expect(await cycle.theses.propose(id, sealed(briskContract()), clock, sentBy)).toMatchObject({
        sequence: 2,
      });
    }
    await time.days(1);
    for (const id of ids) await time.demand(id);
    const gates = [];
    for (const id of ids) gates.push(await time.untilGate(id));
    const [behind, right, ahead] = gates;
    const apart = (one = '', other = ''): number => Math.abs(between(one, other));
    for (const gate of [behind, ahead]) {
      // They were launched one after the other, and a working day may begin in between.
      expect(apart(gate?.openedAt, right?.openedAt)).toBeLessThan(DAY);
      expect(apart(gate?.deadline, right?.deadline)).toBeLessThan(4 * DAY);
    }
    // Nobody votes: silence holds each of them, and no clock has made an advance of it.
    await time.days(10);
    for (const id of ids) {
      expect((await cycle.thesis(id)).view).toMatchObject({ stage: 'detect', outcome: null });
    }
  } finally {
    await time.close();
  }
}, 180_000);
