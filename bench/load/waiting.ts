// Theses by the thousand that wait at gates: what they hold of the worker's memory, what they cost while nobody acts,
// and how fast they answer when everybody does.

import { setTimeout as sleep } from 'node:timers/promises';
import { DESCRIBE_QUERY, thesisWorkflowId } from '../../workflows/contract.ts';
import type { Benchmark } from './benchmark.ts';
import { type Finding, short } from './finding.ts';
import { modelOf, type Reach, reach, record, startWaiting } from './herd.ts';
import { cpuBetween, usages } from './processes.ts';
import { ONE_VOTE, type OpenGate, type Stand, startStand, vote } from './stand.ts';
import { inFlight, percentile, rate, type Times } from './timing.ts';

const STEPS = 4;
const IDLE_SECONDS = 60;
const DESCRIBED = 500;
const PAGE = 200;
const WIDTH = 32;
/** Each vote decides, and a stage begins behind it: enough of them to see what that comes to. */
const DECIDED = 2_000;
const MB = 1_000_000;

export const waitingBenchmark: Benchmark = async ({ engine, count, say }) => {
  const stand = await startStand(engine);
  const reached = await reach(stand);
  try {
    const model = await modelOf(stand, reached.db, ONE_VOTE.name);
    const findings: Finding[] = [];
    // Told as they come: what was found stands, whatever ends the run.
    const find = (...found: Finding[]): void => {
      findings.push(...found);
      for (const { what, value, unit, detail } of found) say(`${what}: ${short(value)} ${unit} (${detail})`);
    };
    find(await idleCost(0));
    const gates: OpenGate[] = [];
    let memory = (await usages()).worker.memory / MB;
    for (let step = 1; step <= STEPS; step += 1) {
      const numbers = range(gates.length, Math.floor((count * step) / STEPS));
      const started = await inFlight(
        WIDTH,
        numbers.map((number) => async () => {
          gates[number] = await record(reached.db, model, number);
          await startWaiting(reached.client, model, number);
        }),
      );
      await allShown(reached, gates.length + 1);
      const before = memory;
      memory = (await usages()).worker.memory / MB;
      const detail = `${short(memory - before)} MB more than before; started at ${short(rate(started))} a second`;
      find({ what: `worker's memory, ${gates.length} waiting`, value: memory, unit: 'MB', detail });
    }
    find(await idleCost(count), ...(await looks(stand, reached, gates)));
    const due = gates.slice(0, DECIDED);
    say(`${due.length} gates are decided now`);
    const decided = await inFlight(
      WIDTH,
      due.map((gate) => () => vote(voterOf(stand), gate)),
    );
    find({
      what: `${due.length} decisions, one vote each, ${WIDTH} in flight`,
      value: rate(decided),
      unit: 'a second',
      detail: spread(decided),
    });
    return findings;
  } finally {
    await reached.close();
    await stand.stop();
  }
};

/** Processor time while nobody acts. What does not depend on the number of theses is in the figure at 0. */
async function idleCost(waiting: number): Promise<Finding> {
  // What starting them left to do is over.
  await sleep(5_000);
  const before = await usages();
  await sleep(IDLE_SECONDS * 1_000);
  const spent = cpuBetween(before, await usages());
  const share = (seconds: number): string => `${short((seconds / IDLE_SECONDS) * 100)} %`;
  return {
    what: `idle, ${waiting} waiting: API and worker`,
    value: ((spent.api + spent.worker) / IDLE_SECONDS) * 100,
    unit: '% of a core',
    detail: `worker ${share(spent.worker)}, API ${share(spent.api)}, Temporal ${share(spent.temporal)}, PostgreSQL ${share(spent.postgres + spent.temporalDatabase)}`,
  };
}

async function looks(stand: Stand, { client }: Reach, gates: readonly OpenGate[]): Promise<Finding[]> {
  const some = range(0, Math.min(DESCRIBED, gates.length)).map(
    (index) => gates[Math.floor((index * gates.length) / DESCRIBED) % gates.length]?.thesisId ?? '',
  );
  const described = await inFlight(
    4,
    some.map((id) => () => client.workflow.getHandle(thesisWorkflowId(id)).query(DESCRIBE_QUERY)),
  );
  const pages: number[] = [];
  const voter = voterOf(stand);
  let listed = 0;
  for (let next: string | null = ''; next !== null; ) {
    const path = `/v1/gates?for=me&limit=${PAGE}${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`;
    const from = performance.now();
    const page: GatePage = await voter<GatePage>({ method: 'GET', path });
    pages.push(performance.now() - from);
    listed += page.items.length;
    next = page.next;
  }
  return [
    {
      what: 'describe (query), p95',
      value: percentile(described.each, 0.95),
      unit: 'ms',
      detail: spread(described),
    },
    {
      what: `list of gates for one voter, pages of ${PAGE}, p95`,
      value: percentile(pages, 0.95),
      unit: 'ms',
      detail: `${listed} gates in ${pages.length} pages`,
    },
  ];
}

interface GatePage {
  readonly items: readonly object[];
  readonly next: string | null;
}

function voterOf({ voters }: Stand) {
  const [voter] = voters;
  if (voter === undefined) throw new Error('the stand has voters');
  return voter;
}

/** A workflow shows itself by its search attributes once its first task is done. */
async function allShown({ client }: Reach, wanted: number): Promise<void> {
  for (;;) {
    const { count } = await client.workflow.count('JalonGateOpen = true');
    if (count >= wanted) return;
    await sleep(500);
  }
}

function spread({ each }: Times): string {
  const [half, most] = [percentile(each, 0.5), percentile(each, 0.99)];
  return `p50 ${short(half)} ms, p99 ${short(most)} ms`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_unused, index) => from + index);
}
