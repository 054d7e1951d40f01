// Many theses at their first gate, without living through as many first stages: one is launched through the API and
// brought to its gate, and its journal is told again under other ids. Ledger and projections are written by the
// worker's own code; a workflow is started from the carried state, as one is when its history is continued.

import { Client, Connection } from '@temporalio/client';
import { connect, type Db } from '../../db/connect.ts';
import { appendEvents } from '../../db/ledger.ts';
import { findThesis } from '../../db/theses.ts';
import { readJournal } from '../../db/timeline.ts';
import type { ThesisClock } from '../../domain/thesis/clock.ts';
import { born, evolve } from '../../domain/thesis/evolve.ts';
import { viewOf } from '../../domain/thesis/view.ts';
import type { RecordedEvent, ThesisState } from '../../domain/thesis.ts';
import { TASK_QUEUE, THESIS_WORKFLOW, type ThesisStart, thesisWorkflowId } from '../../workflows/contract.ts';
import { launchToGate, type OpenGate, type Stand } from './stand.ts';

/** A thesis whose life can be told again. */
export interface Model {
  readonly gate: OpenGate;
  readonly journal: readonly RecordedEvent[];
  readonly clock: ThesisClock;
}

interface Told {
  readonly thesisId: string;
  readonly state: ThesisState;
  readonly events: readonly RecordedEvent[];
}

export async function modelOf(stand: Stand, db: Db, playbook: string): Promise<Model> {
  const gate = await launchToGate(stand, playbook, 0);
  const thesis = await findThesis(db, gate.thesisId);
  if (thesis === null) throw new Error('the model was recorded before its launch was answered');
  return { gate, journal: await readJournal(db, gate.thesisId), clock: thesis.clock };
}

/** Records the model's life once more, as that of thesis number `number`, and returns its open gate. */
export async function record(db: Db, model: Model, number: number): Promise<OpenGate> {
  const { thesisId, state, events } = told(model, number);
  const at = events.at(-1)?.at ?? model.clock.origin;
  await appendEvents(db, { thesisId, events, view: viewOf(state, at), clock: model.clock });
  return { ...model.gate, thesisId, gateId: state.gate?.id ?? '' };
}

/** Starts the workflow of thesis number `number`, which waits at its gate from then on. */
export async function startWaiting(client: Client, model: Model, number: number): Promise<void> {
  const { thesisId, state } = told(model, number);
  const start: ThesisStart = { thesisId, clock: model.clock, state };
  const workflowId = thesisWorkflowId(thesisId);
  await client.workflow.start(THESIS_WORKFLOW, { taskQueue: TASK_QUEUE, workflowId, args: [start] });
}

function told({ gate, journal }: Model, number: number): Told {
  const thesisId = `herd-${number}`;
  const text = JSON.stringify(journal).replaceAll(gate.thesisId, thesisId);
  const events: RecordedEvent[] = JSON.parse(text.replaceAll('portfolio 0', `portfolio ${number % 20}`));
  const [first] = events;
  if (first?.event.type !== 'ThesisProposed') throw new Error('the first event of a thesis is its proposal');
  let state = born(thesisId, first.event.owner, first.event.contract, first.at);
  for (const { sequence, at, event } of events) state = { ...evolve(state, event, at), sequence };
  return { thesisId, state, events };
}

export interface Reach {
  readonly db: Db;
  readonly client: Client;
  close(): Promise<void>;
}

/** The stand's database and engine, for what the API does not offer. */
export async function reach({ engine, platform }: Stand): Promise<Reach> {
  const db = connect(engine.databaseUrl, { poolSize: 8, name: 'jalon-bench' });
  const connection = await Connection.connect({ address: engine.temporalAddress });
  return {
    db,
    client: new Client({ connection, dataConverter: platform.dataConverter }),
    async close() {
      await connection.close();
      await db.destroy();
    },
  };
}
