// Votes through the API against updates of the bare program, at 1 and at 32 in flight. Each vote is the first of its
// member at its gate, none decides, and consecutive votes go to different theses.

import { startBare } from './bare.ts';
import type { Benchmark } from './benchmark.ts';
import { cost, costed } from './cost.ts';
import { type Finding, short } from './finding.ts';
import { launchToGate, MANY_VOTES, startStand, VOTERS, vote } from './stand.ts';
import { collected, inFlight, inTurns, type Job, percentile, rate, together } from './timing.ts';

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
