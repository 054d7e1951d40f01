// A disk that fills while theses live: what was decided waits until it can be recorded, callers learn that nobody knows
// yet, and once there is room again everything goes on by itself, with every event once.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { problemOf } from '../../api/failure.ts';
import { attentionTo } from '../../db/attention.ts';
import { verifyLedger } from '../../db/ledger.ts';
import { lookAt } from '../../worker/attention-scan.ts';
import { OWNER } from '../support/cycle.ts';
import { type FastTime, startFastTime, unhurriedContract } from '../support/fast-time.ts';
import { refuseWrites } from '../support/refusing.ts';
import { quietSdk } from '../support/time-skipping.ts';

vi.setConfig({ testTimeout: 180_000 });

const UNTIL = '2099-01-01T00:00:00.000Z';

let time: FastTime;

beforeAll(async () => {
  quietSdk('ERROR');
  time = await startFastTime({ taskQueue: 'refused-writes' });
});
afterAll(() => time?.close());

test('no event is lost or doubled, no thesis is stuck, and operators are told meanwhile', async () => {
  const { cycle, client } = time;
  const { db } = cycle;
  await cycle.propose('full', unhurriedContract());
  const hold = () => cycle.send('full', { type: 'Hold', reason: 'Strike.', until: UNTIL }, OWNER, 'hold-1');
  // The ledger takes the events, and the last table of the transaction does not.
  const mend = await refuseWrites(db, { code: '53100', tables: ['event_feed'] });
  const before = await cycle.journal('full');

  const failures = await Promise.all(
    [hold(), cycle.propose('full-too', unhurriedContract())].map((sent) =>
      sent.then(
        (answer) => answer,
        (error: unknown) => problemOf(error),
      ),
    ),
  );
  for (const problem of failures) expect(problem).toMatchObject({ code: 'unavailable', retryAfter: 5 });
  expect((await cycle.journal('full')).map(({ sequence }) => sequence)).toEqual(
    before.map(({ sequence }) => sequence),
  );
  expect(await cycle.journal('full-too')).toEqual([]);
  const noted = async () => {
    await lookAt({ db, client, codec: null, now: () => new Date() }, 'full');
    return await attentionTo(db, ['full']);
  };
  await vi.waitFor(
    async () => {
      expect(await noted()).toMatchObject([
        {
          kind: 'activity_failing',
          subject: 'recordEvents',
          detail: expect.stringContaining('No space left'),
        },
      ]);
    },
    { timeout: 60_000, interval: 500 },
  );

  await mend();
  const answer = await vi.waitFor(hold, { timeout: 60_000 });
  expect(await hold()).toEqual(answer);
  await vi.waitFor(async () => expect(await cycle.journal('full-too')).not.toEqual([]), { timeout: 60_000 });
  await vi.waitFor(async () => expect(await noted()).toEqual([]), { timeout: 30_000 });
  const held = (await cycle.journal('full')).filter(({ event }) => event.type === 'ThesisHeld');
  expect(held.map(({ commandId }) => commandId)).toEqual(['hold-1']);
  await cycle.send('full', { type: 'Resume', reason: 'Over.' }, OWNER);
  await Promise.all(['full', 'full-too'].map((id) => time.liveToItsEnd(id)));
  expect(await verifyLedger(db)).toMatchObject({ theses: 2, broken: null });
});
