// Breaks something, again and again, at moments and in ways that a seed decides: kills the worker, the API, Temporal or
// PostgreSQL with SIGKILL, or cuts the wire to one of them for a while.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../machine.ts';
import { chanceOf } from './chance.ts';
import type { Engine } from './engines.ts';

export interface Victims {
  /** Kills the process; something else starts it again. Returns how many processes died. */
  readonly worker: () => Promise<number>;
  readonly api: () => Promise<number>;
  readonly postgres: Engine;
  readonly temporal: Engine;
}

export interface Toll {
  readonly kills: Record<'worker' | 'api' | 'postgres' | 'temporal', number>;
  cuts: number;
}

export interface Monkey {
  readonly toll: Toll;
  /** Ends the breaking and resolves once everything is whole. */
  stop(): Promise<void>;
}

const TARGETS = ['worker', 'worker', 'api', 'api', 'postgres', 'temporal', 'wire', 'wire'] as const;

export interface Rampage {
  readonly seed: number;
  /** It ends once so many processes were killed; the last theses then end in calm. */
  readonly kills: number;
  /** Milliseconds between two strikes, at least and at most. */
  readonly pauses: readonly [least: number, most: number];
}

/** Begins to break things. */
export function release(victims: Victims, { seed, kills: enough, pauses }: Rampage, log: Log): Monkey {
  const random = chanceOf(seed);
  const toll: Toll = { kills: { worker: 0, api: 0, postgres: 0, temporal: 0 }, cuts: 0 };
  let stopping = false;
  const between = (least: number, most: number): number => least + random() * (most - least);

  const strike = async (): Promise<void> => {
    const target = TARGETS[Math.floor(random() * TARGETS.length)] ?? 'worker';
    const lasting = Math.round(between(200, 2_500));
    if (target === 'wire') return await cutWire(random() < 0.5 ? 'postgres' : 'temporal', lasting);
    log(`  ✗ kill ${target}`);
    if (target === 'worker' || target === 'api') {
      // Dead from another blow, it is struck once it is back.
      let died = 0;
      for (; !stopping && died === 0; await sleep(100)) died = await victims[target]();
      toll.kills[target] += died > 0 ? 1 : 0;
      return;
    }
    toll.kills[target] += (await victims[target].kill()) > 0 ? 1 : 0;
    await sleep(lasting);
    await victims[target].start();
  };

  const cutWire = async (name: 'postgres' | 'temporal', lasting: number): Promise<void> => {
    log(`  ✗ cut the wire to ${name} for ${lasting} ms`);
    toll.cuts += 1;
    victims[name].wire.cut();
    await sleep(lasting);
    victims[name].wire.mend();
  };

  // Some strikes come before the last one's damage is repaired, some after: both must be survived.
  const rampage = async (): Promise<void> => {
    while (!stopping && killsOf(toll) < enough) {
      await sleep(between(...pauses));
      if (!stopping) await strike();
    }
  };
  const running = rampage();
  running.catch(() => undefined);
  return {
    toll,
    async stop() {
      stopping = true;
      await running;
    },
  };
}

export function killsOf({ kills }: Toll): number {
  return Object.values(kills).reduce((total, count) => total + count, 0);
}
