// A cycle on the run's real Temporal server, where thesis time runs fast beside real time: for what a server that
// skips time cannot show. Knows how to live a brisk thesis to its end.

import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { inject, vi } from 'vitest';
import { GATED_STAGES, isGated } from '../../domain/stage.ts';
import { thesisTime } from '../../domain/thesis/clock.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';
import type { Contract } from '../../domain/thesis.ts';
import { registerSearchAttributes } from '../../worker/search-attributes.ts';
import { briskContract } from './brisk-contract.ts';
import { type CutProxy, layWire } from './cut-proxy.ts';
import { type Cycle, type CycleSettings, daily, OWNER, startCycle, VOTERS } from './cycle.ts';
import { quietSdk } from './time-skipping.ts';

export interface FastTime {
  readonly client: Client;
  readonly cycle: Cycle;
  /** What the worker reaches its database over; the test itself reaches it directly. */
  readonly wire: CutProxy;
  /** Sends, as of now, enough for the brisk contract's criterion to pass. */
  demand(thesisId: string): Promise<void>;
  /** Waits until the thesis shows what is wanted, at most forty seconds. */
  until(thesisId: string, wanted: (view: ThesisView) => boolean): Promise<ThesisView>;
  /** Feeds the thesis and votes it forward, stage by stage, until it shows what is wanted. */
  liveUntil(thesisId: string, wanted: (view: ThesisView) => boolean): Promise<ThesisView>;
  /** The same, until it is closed. */
  liveToItsEnd(thesisId: string): Promise<ThesisView>;
  close(): Promise<void>;
}

/** A thesis day in this much real time, in milliseconds. */
const DAY_MS = 400;

const LOOK = { interval: 50, timeout: 40_000 };
const LIFE = { interval: 50, timeout: 120_000 };

type Settings = Pick<
  CycleSettings,
  'taskQueue' | 'cachedWorkflows' | 'dataConverter' | 'bundle' | 'deployment'
> & {
  /** host:port of a Temporal of the test's own; absent: the run's. */
  readonly address?: string;
};

export async function startFastTime(settings: Settings): Promise<FastTime> {
  quietSdk();
  const { address = inject('temporalAddress'), dataConverter = {} } = settings;
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, dataConverter });
  await registerSearchAttributes(connection, 'default');
  const wires: CutProxy[] = [];
  const cycle = await startCycle({
    ...settings,
    async databaseThrough(url) {
      const wire = await layWire(url);
      wires.push(wire);
      return wire.url;
    },
    client,
    connection,
    namespace: 'default',
    rate: 86_400_000 / DAY_MS,
    now: async () => Date.now(),
  });
  const [wire] = wires;
  if (wire === undefined) throw new Error('no wire was laid');
  const demand: FastTime['demand'] = async (thesisId) => {
    const { clock } = await cycle.thesis(thesisId);
    const at = thesisTime(clock, Date.now());
    await cycle.observe(thesisId, daily('demand_mentions', 1, at, { sum: '20' }), at);
  };
  const until: FastTime['until'] = async (thesisId, wanted) => {
    await vi.waitUntil(async () => wanted((await cycle.thesis(thesisId)).view), LOOK);
    return (await cycle.thesis(thesisId)).view;
  };
  const liveUntil: FastTime['liveUntil'] = async (thesisId, wanted) => {
    let fed = '';
    await vi.waitUntil(async () => {
      const { view } = await cycle.thesis(thesisId);
      if (wanted(view)) return true;
      if (isGated(view.stage) && fed !== view.stage) await demand(thesisId);
      fed = view.stage;
      if (view.gate !== null) await cycle.vote(thesisId, VOTERS, { ballot: 'advance' });
      if (view.stage === 'retex') await cycle.send(thesisId, COMPLETION, OWNER);
      return false;
    }, LIFE);
    return (await cycle.thesis(thesisId)).view;
  };
  return {
    client,
    cycle,
    wire,
    demand,
    until,
    liveUntil,
    liveToItsEnd: (thesisId) => liveUntil(thesisId, ({ status }) => status === 'closed'),
    async close() {
      wire.mend();
      await cycle.close();
      await wire.close();
      await connection.close();
      await clientConnection.close();
    },
  };
}

/** The brisk contract with a committee that has minutes of real time: no deadline passes while a machine is slow. */
export function unhurriedContract(perStage: Parameters<typeof briskContract>[0] = {}): Contract {
  const gate = { deadline: 'P400D', reminders: [] } as const;
  return briskContract(
    Object.fromEntries(GATED_STAGES.map((stage) => [stage, { gate, ...perStage[stage] }])),
  );
}

/** Refused until the draft is there, and sent again until it is. */
const COMPLETION = {
  type: 'CompleteRetex',
  summary: 'It holds.',
  learnings: [{ topic: 'offer', text: 'A guarantee moved conversion more than a discount.' }],
  tags: ['subscription'],
} as const;
