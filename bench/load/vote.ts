// Votes through the API against updates of the bare program, at 1 and at 32 in flight. Each vote is the first of its
// member at its gate, none decides, and consecutive votes go to different theses.

import { startBare } from './bare.ts';
import type { Benchmark } from './benchmark.ts';
import type { Finding } from './finding.ts';
import { short } from './finding.ts';
import { cpuBetween, type Part, usages } from './processes.ts';
import { launchToGate, MANY_VOTES, startStand, VOTERS, vote } from './stand.ts';
import { inFlight, inTurns, type Job, percentile, rate, type Times, together } from './timing.ts';

const ROUNDS = 4;
const MOST_RATIO = 1.3;

/** In flight, and the share of all votes that is measured so. */
const WIDTHS = [
  { width: 1, share: 0.25 },
  { width: 32, share: 0.75 },
] as const;

export const voteBenchmark: Benchmark = async ({ engine, count, say }) => {
  const stand = await startStand(engine);
  const bare = await startBare(engine);
  try {
    // The first vote of each thesis warms up.
    const theses = Math.ceil(count / (VOTERS - 1));
    say(`${theses} theses go to their first gates`);
    const gates = await collected(theses, 16, (index) => launchToGate(stand, MANY_VOTES.name, index));
    await collected(theses, 16, (index) => bare.launch(`bare-${index}`, bodyOf(index)));
    const ours = stand.voters.flatMap((voter) => gates.map((gate) => () => vote(voter, gate)));
    const theirs = ours.map((_unused, index) => () => bare.update(`bare-${index % theses}`, bodyOf(index)));
    await inFlight(8, ours.splice(0, theses));
    await inFlight(8, theirs.splice(0, theses));
    const findings: Finding[] = [];
    for (const { width, share } of WIDTHS) {
      const each = Math.floor((count * share) / ROUNDS);
      say(`${ROUNDS} times ${each} votes and ${each} bare updates, ${width} in flight`);
      findings.push(...(await compare(width, each, ours, theirs)));
    }
    return findings;
  } finally {
    await bare.stop();
    await stand.stop();
  }
};

async function compare(width: number, each: number, ours: Job[], theirs: Job[]): Promise<Finding[]> {
  const measured = await inTurns(
    ROUNDS,
    () => costed(width, ours.splice(0, each)),
    () => costed(width, theirs.splice(0, each)),
  );
  const [mine, its] = [together(measured.ours), together(measured.theirs)];
  const ratios = [0.5, 0.99].map((p): Finding => {
    const [a, b] = [percentile(mine.each, p), percentile(its.each, p)];
    return {
      what: `vote, ${width} in flight, p${p * 100}`,
      value: a / b,
      unit: 'x bare',
      bound: { most: MOST_RATIO },
      detail: `${short(a)} ms, bare ${short(b)} ms`,
    };
  });
  const speeds = `${short(rate(mine))} a second, bare ${short(rate(its))}`;
  return [
    ...ratios,
    {
      what: `vote, ${width} in flight, each second`,
      value: rate(mine) / rate(its),
      unit: 'x bare',
      detail: speeds,
    },
    cost(`vote, ${width} in flight, processor time`, measured.ours),
    cost(`bare update, ${width} in flight, processor time`, measured.theirs),
  ];
}

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

/** About what a vote's own event says. */
function bodyOf(index: number): object {
  return {
    type: 'VoteCast',
    member: `voter-${index}`,
    ballot: 'advance',
    evidenceHash: 'f'.repeat(64),
    reason: null,
    conditions: [],
    probability: 0.6,
  };
}
