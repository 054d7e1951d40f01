// What a thesis with daily pulls costs of Temporal: billable actions, the events of its largest run, and bytes of
// history, over a grid of metrics, sources and days; and how each grows. The grid lives in one stage, which makes the
// largest run as large as can be; one more thesis has its days in four stages.

import protocol from '@temporalio/proto';
import { CMO_CYCLE } from '../../domain/playbook/cmo-cycle.ts';
import { GATED_STAGES } from '../../domain/stage.ts';
import type { Contract } from '../../domain/thesis.ts';
import { historiesOf } from '../../local/histories.ts';
import type { Benchmark } from './benchmark.ts';
import { ACTIONS, actionsOf } from './billable-actions.ts';
import { type DailyLife, OWNER, PULLED, startDailyLife } from './daily-life.ts';
import type { Finding } from './finding.ts';
import { leastSquares } from './least-squares.ts';
import { quietPlaybook } from './quiet-playbook.ts';

const MOST_ACTIONS = 1_000;
const MOST_EVENTS = 4_000;
const METRICS = [4, 8, 12];
const SOURCES = [1, 3];

const { History } = protocol.temporal.api.history.v1;

interface Plan {
  readonly id: string;
  readonly metrics: number;
  readonly sources: number;
  readonly days: number;
  readonly stages: 1 | 4;
}

interface Lived extends Plan {
  readonly actions: number;
  readonly detail: string;
  readonly largestRun: number;
  readonly bytes: number;
}

export const historyBenchmark: Benchmark = async ({ engine, count, say }) => {
  const life = await startDailyLife(engine);
  try {
    const plans = plansOf(count);
    say(`${plans.length} theses live up to ${count} days`);
    for (const plan of plans) await life.propose(plan.id, contractOf(plan));
    for (let day = 0; day < count * 1.5 + 10; day += 1) {
      await life.day();
      for (const plan of plans) await act(life, plan);
    }
    const heartbeats = (await life.requests('RecordActivityTaskHeartbeat')) / pulls(plans);
    const lived = await Promise.all(plans.map((plan) => measure(life, plan, heartbeats)));
    const grid = lived.filter(({ stages }) => stages === 1);
    return [...lived.filter(({ id }) => id.startsWith('largest')).flatMap(told), ...growth(grid)];
  } finally {
    await life.close();
  }
};

function plansOf(count: number): Plan[] {
  const days = [Math.ceil(count / 3), Math.ceil((2 * count) / 3), count];
  const grid = METRICS.flatMap((metrics) =>
    SOURCES.flatMap((sources) =>
      days.map((length) => ({ metrics, sources, days: length, stages: 1 as const })),
    ),
  );
  const [metrics, sources] = [Math.max(...METRICS), Math.max(...SOURCES)];
  return [
    ...grid.map((plan) => ({ ...plan, id: `grid-${plan.metrics}-${plan.sources}-${plan.days}` })),
    { id: 'largest-one-stage', metrics, sources, days: count, stages: 1 },
    { id: 'largest-four-stages', metrics, sources, days: count, stages: 4 },
  ];
}

/** The quiet playbook, pulled daily, whose gates open when the days of a stage are over. */
function contractOf({ metrics, sources, days, stages }: Plan): Contract {
  const quiet = quietPlaybook('daily', 3);
  const length = `P${Math.max(1, Math.round(days / stages))}D`;
  const times = { cadence: 'P1D', minimumDuration: length, maximumDuration: length, requiredEvidence: [] };
  const [detect, prototype, measured, scale] = GATED_STAGES.map((stage) => ({
    ...quiet.stages[stage],
    ...times,
  }));
  if (!detect || !prototype || !measured || !scale) throw new Error('there are four stages');
  const bindings = Array.from({ length: sources }, (_unused, index) => ({
    id: `source-${index}`,
    kind: 'warehouse' as const,
    connection: 'warehouse',
    metrics: PULLED.slice(0, metrics).filter((_metric, place) => place % sources === index),
    parameters: {},
    stages: GATED_STAGES,
    required: true,
    maximumStaleness: 'P5D',
  }));
  return {
    version: 1,
    title: 'Refurbished phones by subscription',
    statement: 'People of 25 to 34 in Lyon subscribe, at a CAC under 40 EUR.',
    portfolio: 'Circular economy',
    market: 'Lyon',
    channels: [],
    tags: [],
    currency: 'EUR',
    playbook: { ...CMO_CYCLE, ...quiet, version: 1, stages: { detect, prototype, measure: measured, scale } },
    sources: bindings,
    businessCase: {},
    economics: { ltv: 'orders_over_horizon', ordersPerCustomer: '6', months: 12 },
  };
}

/** Votes when a gate is open, and completes the retex when it is drafted. */
async function act(life: DailyLife, { id, stages }: Plan): Promise<void> {
  const view = await life.view(id);
  if (view.gate !== null && view.gate.evidenceHash !== '')
    await life.vote(id, stages === 1 ? 'kill' : 'advance');
  if (view.waiting.for !== 'retex' || view.waiting.who.length === 0) return;
  const learnings = [{ topic: 'offer', text: 'A guarantee moved conversion more than a discount.' }];
  await life.send(
    id,
    { type: 'CompleteRetex', summary: 'It is over.', learnings, tags: ['subscription'] },
    OWNER,
  );
}

async function measure({ client, view }: DailyLife, plan: Plan, heartbeats: number): Promise<Lived> {
  const { status } = await view(plan.id);
  if (status !== 'closed') throw new Error(`${plan.id} is not closed but ${status}`);
  const runs = await historiesOf(client, plan.id);
  const counted = { ...actionsOf(runs), heartbeats: Math.round(heartbeats * plan.days) };
  const kinds = [...ACTIONS, 'heartbeats'] as const;
  return {
    ...plan,
    actions: kinds.reduce((sum, kind) => sum + counted[kind], 0),
    detail: kinds.map((kind) => `${kind} ${counted[kind]}`).join(', '),
    largestRun: Math.max(...runs.map(({ events }) => events?.length ?? 0)),
    bytes: runs.reduce((sum, run) => sum + History.encode(run).finish().length, 0),
  };
}

/** Collections of all theses: about one a day each. */
function pulls(plans: readonly Plan[]): number {
  return plans.reduce((sum, { days }) => sum + days, 0);
}

function told({ metrics, sources, days, stages, ...lived }: Lived): Finding[] {
  const who = `${days} days, ${metrics} metrics of ${sources} sources, ${stages === 1 ? 'one stage' : 'four stages'}`;
  return [
    {
      what: `billable actions: ${who}`,
      value: lived.actions,
      unit: '',
      bound: { most: MOST_ACTIONS - 1 },
      detail: lived.detail,
    },
    {
      what: `events of the largest run: ${who}`,
      value: lived.largestRun,
      unit: '',
      bound: { most: MOST_EVENTS - 1 },
    },
    { what: `history: ${who}`, value: lived.bytes / 1_000, unit: 'kB' },
  ];
}

function growth(grid: readonly Lived[]): Finding[] {
  const terms = ['', 'days', 'days x metrics', 'days x sources'];
  const inputs = grid.map(({ days, metrics, sources }) => [1, days, days * metrics, days * sources]);
  const of = (what: string, outputs: number[]): Finding => {
    const { formula, rSquared } = leastSquares(terms, inputs, outputs);
    return { what: `${what}: fit of ${grid.length} theses`, value: rSquared, unit: 'R2', detail: formula };
  };
  return [
    of(
      'billable actions',
      grid.map(({ actions }) => actions),
    ),
    of(
      'events of the largest run',
      grid.map(({ largestRun }) => largestRun),
    ),
    of(
      'bytes of history',
      grid.map(({ bytes }) => bytes),
    ),
  ];
}
