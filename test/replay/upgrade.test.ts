// Theses outlive releases: those that began under a release, wherever they stand, are finished by the present code and
// by a patched one after it. What no code of theirs comes for waits, says so, and goes on when it comes.

import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { EngineUnavailable } from '../../api/theses-port.ts';
import { attentionTo } from '../../db/attention.ts';
import { verifyLedger } from '../../db/ledger.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';
import type { Contract } from '../../domain/thesis.ts';
import { historiesOf } from '../../local/histories.ts';
import { lookAt } from '../../worker/attention-scan.ts';
import { buildWorkflowBundle } from '../../worker/bundle.ts';
import { ballotOf } from '../support/ballot.ts';
import { OWNER, type Release, VOTERS } from '../support/cycle.ts';
import { type FastTime, startFastTime, unhurriedContract } from '../support/fast-time.ts';
import { quietSdk } from '../support/time-skipping.ts';
import { bundleOf, RELEASES } from './releases.ts';

const [AMINA, BRUNO] = VOTERS;

const PATIENCE = { timeout: 60_000, interval: 250 };

// Whole lives, some of them with failing tasks between: minutes on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

let time: FastTime | undefined;

beforeAll(() => {
  // Tasks that fail on purpose say so on the console.
  quietSdk('ERROR');
});

afterEach(async () => {
  await time?.close();
  time = undefined;
});

/** Where a thesis stands when the release changes. */
interface Place {
  readonly name: string;
  readonly contract: Contract;
  readonly reach: (living: FastTime, id: string) => Promise<unknown>;
  readonly outcome: ThesisView['outcome'];
}

const PLACES: readonly Place[] = [
  {
    name: 'collecting',
    contract: unhurriedContract({ detect: { maximumDuration: 'P1000D' } }),
    reach: ({ until }, id) => until(id, ({ lastReadOut }) => lastReadOut !== null),
    outcome: 'industrialised',
  },
  {
    name: 'at a gate with one vote',
    contract: unhurriedContract(),
    reach: atGateWithOneVote,
    outcome: 'industrialised',
  },
  {
    name: 'on hold',
    contract: unhurriedContract({ detect: { maximumDuration: 'P1000D' } }),
    reach: ({ cycle }, id) => cycle.send(id, { type: 'Hold', reason: 'The shop moves.', until: null }, OWNER),
    outcome: 'industrialised',
  },
  {
    name: 'in the middle of the ramp',
    contract: unhurriedContract({
      scale: {
        maximumDuration: 'P1000D',
        ramp: ['1000', '2000', '5000'].map((amount) => ({
          budget: { amount, currency: 'EUR' as const },
          soak: 'P10D' as const,
        })),
      },
    }),
    reach: ({ liveUntil }, id) => liveUntil(id, ({ ramp }) => ramp?.step === 2),
    outcome: 'industrialised',
  },
  {
    name: 'in retex',
    contract: unhurriedContract(),
    async reach({ cycle, until }, id) {
      await cycle.send(id, { type: 'Withdraw', reason: 'The budget went to another bet.' }, OWNER);
      await until(id, ({ stage, waiting }) => stage === 'retex' && waiting.who.length > 0);
    },
    outcome: 'withdrawn',
  },
];

const PRESENT = async (): Promise<Release> => ({});
const NEXT = () => builtFrom('next-release-workflow.ts');
const ALTERED = () => builtFrom('altered-workflow.ts');

const ROADS = RELEASES.flatMap((began) => [
  { began, after: 'the present code', release: PRESENT, markers: 0 },
  { began, after: 'a patched release after it', release: NEXT, markers: 1 },
]);

describe('theses that began under', () => {
  test.each(ROADS)('$began are finished by $after', async ({ began, release, markers }) => {
    const taskQueue = `upgrade-${Date.now()}`;
    time = await startFastTime({ taskQueue, bundle: bundleOf(began) });
    const living = time;
    const { client, cycle } = living;
    const theses = PLACES.map((place) => ({ ...place, id: `${taskQueue} ${place.name}` }));
    const reached = theses.map(async ({ id, contract, reach }) => {
      await cycle.propose(id, contract);
      await reach(living, id);
    });
    await Promise.all(reached);
    const lived = await Promise.all(theses.map(async ({ id }) => (await historiesOf(client, id)).length));

    await cycle.replaceWorker(await release());
    await cycle.send(`${taskQueue} on hold`, { type: 'Resume', reason: 'The shop has moved.' }, OWNER);
    const views = await Promise.all(theses.map(({ id }) => living.liveToItsEnd(id)));

    expect(views.map(({ outcome }) => outcome)).toEqual(theses.map(({ outcome }) => outcome));
    expect(await verifyLedger(cycle.db)).toMatchObject({ theses: theses.length, broken: null });
    for (const [index, { id }] of theses.entries()) {
      const runs = (await historiesOf(client, id)).map(tracesIn);
      const [atHand, ...later] = runs.slice((lived[index] ?? 0) - 1);
      expect(atHand, id).toMatchObject({
        failed: 0,
        builds: expect.objectContaining({ size: 2 }),
        markers: 0,
      });
      // What begins after the change takes the new road, what had begun keeps to the old one.
      for (const run of later) expect(run, id).toMatchObject({ failed: 0, markers });
    }
  });
});

describe('a thesis that the release in charge cannot replay', () => {
  test.each([
    { because: 'a change was not put behind a patch', began: PRESENT, wrong: ALTERED },
    { because: 'a release was rolled back past a patch', began: NEXT, wrong: PRESENT },
  ])('waits and says so when $because, and goes on when its code is back', async ({ began, wrong }) => {
    const id = `stuck-${Date.now()}`;
    const right = await began();
    time = await startFastTime({ taskQueue: id, ...right });
    const { client, cycle } = time;
    const looked = async () => {
      await lookAt({ db: cycle.db, client, codec: null, now: () => new Date() }, id);
      return await attentionTo(cycle.db, [id]);
    };
    await cycle.propose(id, unhurriedContract());
    await atGateWithOneVote(time, id);
    const { gate } = (await cycle.thesis(id)).view;
    const bruno = () =>
      cycle.send(id, { type: 'DecideGate', vote: ballotOf(gate, BRUNO) }, BRUNO, 'bruno-votes');

    await cycle.replaceWorker(await wrong());
    await expect(bruno()).rejects.toBeInstanceOf(EngineUnavailable);
    await expect.poll(looked, PATIENCE).toMatchObject([{ kind: 'replay_failing' }]);

    await cycle.replaceWorker(right);
    const answer = await vi.waitFor(bruno, PATIENCE);
    expect(await bruno()).toEqual(answer);
    expect(await looked()).toEqual([]);
    const votes = (await cycle.journal(id)).filter(({ event }) => event.type === 'VoteCast');
    expect(votes.map(({ actor }) => actor)).toEqual([AMINA, BRUNO]);
    expect(await time.liveToItsEnd(id)).toMatchObject({ outcome: 'industrialised' });
  });
});

/** What the history of a run tells of the workers that lived it. */
function tracesIn({ events }: Awaited<ReturnType<typeof historiesOf>>[number]) {
  const all = events ?? [];
  const builds = all.flatMap((event) => {
    return event.workflowTaskCompletedEventAttributes?.workerVersion?.buildId ?? [];
  });
  return {
    builds: new Set(builds),
    failed: all.filter((event) => event.workflowTaskFailedEventAttributes != null).length,
    markers: all.filter((event) => event.markerRecordedEventAttributes != null).length,
  };
}

async function builtFrom(file: string): Promise<Release> {
  const workflowsPath = fileURLToPath(new URL(file, import.meta.url));
  return { bundle: { code: await buildWorkflowBundle(workflowsPath) } };
}

async function atGateWithOneVote({ demand, until, cycle }: FastTime, id: string): Promise<void> {
  await demand(id);
  await until(id, ({ gate }) => gate !== null);
  await cycle.vote(id, [AMINA], { ballot: 'advance' });
}
