// `npm run bench -- vote|launch|waiting|history|reads|ingest [--engine dev|postgres] [--count N]`: what the platform
// costs under load, beside what the same engine costs bare. All on loopback; every run is bounded in number. Exits with
// 1 when something promised does not hold. What the figures mean is in bench/README.md.

import { parseArgs } from 'node:util';
import { reasonOf } from '../local/machine.ts';
import type { Benchmark } from './load/benchmark.ts';
import { ENGINES, type EngineName, startEngine } from './load/engine.ts';
import { holds, keep, table } from './load/finding.ts';
import { historyBenchmark } from './load/history.ts';
import { ingestBenchmark } from './load/ingest.ts';
import { launchBenchmark } from './load/launch.ts';
import { readsBenchmark } from './load/reads.ts';
import { voteBenchmark } from './load/vote.ts';
import { waitingBenchmark } from './load/waiting.ts';

const RESULTS = '.jalon/bench';

const BENCHMARKS: Readonly<Record<string, { readonly run: Benchmark; readonly count: number }>> = {
  vote: { run: voteBenchmark, count: 4_000 },
  launch: { run: launchBenchmark, count: 1_000 },
  waiting: { run: waitingBenchmark, count: 10_000 },
  history: { run: historyBenchmark, count: 90 },
  reads: { run: readsBenchmark, count: 10_000 },
  ingest: { run: ingestBenchmark, count: 200_000 },
};

const say = (line: string): void => console.log(line);

try {
  process.exit((await bench()) ? 0 : 1);
} catch (error) {
  // What was started ends with this process, whatever state it is in.
  console.error(`The benchmark stopped: ${reasonOf(error)}`);
  process.exit(1);
}

/** True when everything promised holds. */
async function bench(): Promise<boolean> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: 'string', default: 'dev' }, count: { type: 'string' } },
  });
  const names = positionals.length === 0 ? Object.keys(BENCHMARKS) : positionals;
  const { engine } = values;
  if (!isEngine(engine)) throw new Error(`--engine is one of ${ENGINES.join(', ')}`);
  let allHold = true;
  for (const name of names) {
    const benchmark = BENCHMARKS[name];
    if (benchmark === undefined) {
      throw new Error(`${name} is none of ${Object.keys(BENCHMARKS).join(', ')}`);
    }
    const count = Number(values.count ?? benchmark.count);
    if (!Number.isInteger(count) || count < 1) throw new Error('--count is a whole number from 1');
    allHold = (await one(name, benchmark.run, engine, count)) && allHold;
  }
  return allHold;
}

/** On an engine of its own, so that no benchmark finds what another one left. */
async function one(name: string, run: Benchmark, engineName: EngineName, count: number): Promise<boolean> {
  say(`\n${name}, ${count} on the engine ${engineName}`);
  const engine = await startEngine(engineName, () => undefined);
  try {
    const findings = await run({ engine, count, say });
    say(`\n${table(findings)}`);
    say(`Kept in ${await keep(RESULTS, `${name}-${engineName}`, { engine: engineName, count }, findings)}`);
    return findings.every(holds);
  } finally {
    await engine.stop();
  }
}

function isEngine(name: string): name is EngineName {
  return ENGINES.some((known) => known === name);
}
