// What jobs cost beside their time: processor time a job, by part of the platform.

import { type Finding, short } from './finding.ts';
import { cpuBetween, type Part, usages } from './processes.ts';
import { inFlight, type Job, type Times, together } from './timing.ts';

export interface Costed extends Times {
  readonly cpu: Record<Part, number>;
}

export async function costed(width: number, jobs: readonly Job[]): Promise<Costed> {
  const before = await usages();
  const times = await inFlight(width, jobs);
  return { ...times, cpu: cpuBetween(before, await usages()) };
}

/** Milliseconds of processor time a job, by part. */
export function cost(what: string, rounds: readonly Costed[]): Finding {
  const jobs = together(rounds).each.length;
  const parts = new Map<string, number>();
  for (const { cpu } of rounds) {
    for (const [part, seconds] of Object.entries(cpu)) parts.set(part, (parts.get(part) ?? 0) + seconds);
  }
  const ms = [...parts].map(([part, seconds]) => [part, (seconds * 1_000) / jobs] as const);
  const detail = ms.flatMap(([part, each]) => (each < 0.05 ? [] : [`${part} ${short(each)}`])).join(', ');
  return { what, value: ms.reduce((sum, [, each]) => sum + each, 0), unit: 'ms each', detail };
}
