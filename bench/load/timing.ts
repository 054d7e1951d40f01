// How long things take: jobs with so many in flight or so many a second, percentiles, and two sides measured in turns.
// Knows nothing of what is measured.

import { setTimeout as sleep } from 'node:timers/promises';

export type Job = () => Promise<unknown>;

export interface Times {
  /** Milliseconds of each job. */
  readonly each: readonly number[];
  /** Milliseconds from the first start to the last end. */
  readonly total: number;
}

/** Runs the jobs in order with `width` in flight. The first failure ends the run. */
export async function inFlight(width: number, jobs: readonly Job[]): Promise<Times> {
  const each: number[] = [];
  const queue = jobs.values();
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    for (const job of queue) {
      const from = performance.now();
      await job();
      each.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return { each, total: performance.now() - begun };
}

/** Makes `count` things with `width` in flight, in order. */
export async function collected<T>(
  count: number,
  width: number,
  make: (index: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  const jobs = Array.from({ length: count }, (_unused, index) => async () => {
    made[index] = await make(index);
  });
  await inFlight(width, jobs);
  return made;
}

/**
 * Starts a job each `1 / perSecond` seconds, whether or not those before have ended. A time counts from the moment at
 * which its job was due, so that a stall shows in all the jobs that it made wait.
 */
export async function paced(perSecond: number, jobs: readonly Job[]): Promise<Times> {
  const begun = performance.now();
  const each = await Promise.all(
    jobs.map(async (job, index) => {
      const due = begun + (index * 1_000) / perSecond;
      await sleep(Math.max(0, due - performance.now()));
      await job();
      return performance.now() - due;
    }),
  );
  return { each, total: performance.now() - begun };
}

/** The smallest time that a share `p` of all times does not exceed. */
export function percentile(times: readonly number[], p: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

/** Measures two sides in turns, so that whatever else the machine does burdens both alike; who begins alternates. */
export async function inTurns<T>(
  rounds: number,
  ours: (round: number) => Promise<T>,
  theirs: (round: number) => Promise<T>,
): Promise<{ readonly ours: T[]; readonly theirs: T[] }> {
  const measured: { ours: T[]; theirs: T[] } = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1) {
    const weBegin = round % 2 === 0;
    if (weBegin) measured.ours.push(await ours(round));
    measured.theirs.push(await theirs(round));
    if (!weBegin) measured.ours.push(await ours(round));
  }
  return measured;
}

/** The times of several rounds as one. */
export function together(rounds: readonly Times[]): Times {
  return {
    each: rounds.flatMap(({ each }) => each),
    total: rounds.reduce((sum, { total }) => sum + total, 0),
  };
}

/** Jobs a second. */
export function rate({ each, total }: Times): number {
  return (each.length / total) * 1_000;
}
