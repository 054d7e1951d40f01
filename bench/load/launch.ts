// Launches through the API against starts of the bare program by their first update, 32 in flight.

import { startBare } from './bare.ts';
import type { Benchmark } from './benchmark.ts';
import { cost, costed } from './cost.ts';
import { short } from './finding.ts';
import { launch, MANY_VOTES, startStand } from './stand.ts';
import { inTurns, rate, together } from './timing.ts';

const ROUNDS = 4;
const WIDTH = 32;
const LEAST_RATIO = 0.75;

export const launchBenchmark: Benchmark = async ({ engine, count, say }) => {
  const stand = await startStand(engine);
  const bare = await startBare(engine);
  let number = 0;
  const each = Math.ceil(count / ROUNDS);
  const repeated = (jobs: number, job: (number: number) => Promise<unknown>) => {
    const numbers = Array.from({ length: jobs }, () => number++);
    return costed(
      WIDTH,
      numbers.map((one) => () => job(one)),
    );
  };
  const ours = (jobs: number) => repeated(jobs, (one) => launch(stand, MANY_VOTES.name, one));
  const theirs = (jobs: number) => repeated(jobs, (one) => bare.launch(`bare-${one}`, { id: one }));
  try {
    await ours(WIDTH * 2);
    await theirs(WIDTH * 2);
    say(`${ROUNDS} times ${each} launches and ${each} bare ones, ${WIDTH} in flight`);
    const measured = await inTurns(
      ROUNDS,
      () => ours(each),
      () => theirs(each),
    );
    const [mine, its] = [rate(together(measured.ours)), rate(together(measured.theirs))];
    return [
      {
        what: 'launches a second',
        value: mine / its,
        unit: 'x bare',
        bound: { least: LEAST_RATIO },
        detail: `${short(mine)} a second, bare ${short(its)}`,
      },
      cost('launch, processor time', measured.ours),
      cost('bare launch, processor time', measured.theirs),
    ];
  } finally {
    await bare.stop();
    await stand.stop();
  }
};
