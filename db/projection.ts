// The read side: brings the tables that the API reads in step with new events, in the ledger's own transaction.

import { sql, type Transaction } from 'kysely';
import type { Stage } from '../domain/stage.ts';
import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { ThesisView } from '../domain/thesis/view.ts';
import type { RecordedEvent, ThesisEvent } from '../domain/thesis.ts';
import type { Database } from './schema.ts';

interface Projected {
  readonly thesisId: string;
  readonly events: readonly RecordedEvent[];
  readonly view: ThesisView;
  readonly clock: ThesisClock;
}

type Trx = Transaction<Database>;

export async function project(trx: Trx, batch: Projected): Promise<void> {
  for (const recorded of batch.events) await projectEvent(trx, batch, recorded);
  await projectView(trx, batch);
}

async function projectEvent(
  trx: Trx,
  { thesisId, view, clock }: Projected,
  recorded: RecordedEvent,
): Promise<void> {
  const { event, at } = recorded;
  switch (event.type) {
    case 'ThesisProposed':
      await insertThesis(trx, thesisId, event, at, view, clock);
      return await sealContract(trx, thesisId, event.contract, at);
    case 'ContractAmended':
      await sealContract(trx, thesisId, event.contract, at);
      return await retitle(trx, thesisId, event.contract);
    case 'StageEntered':
      // Retex collects nothing: what arrives late belongs to the last stage that spent.
      return event.stage === 'retex' ? undefined : await openWindow(trx, thesisId, event.stage, 0, at);
    case 'StageRefined':
      return await openWindow(trx, thesisId, event.stage, event.round, at);
    case 'GateOpened':
      return await insertGate(trx, thesisId, view, event);
    case 'VoteCast':
      return await insertVote(trx, recorded.sequence, event);
    case 'VotesVoided':
    case 'GateEscalated':
      await trx
        .updateTable('vote')
        .set({ voided_at: at })
        .where('gate_id', '=', event.gateId)
        .where('voided_at', 'is', null)
        .execute();
      return;
    case 'GateDecided':
      return await closeGate(trx, event.gateId, at, event.outcome);
    case 'ThesisKilled':
    case 'ThesisWithdrawn':
      // A gate that was open when the thesis ended by another road closes with it, undecided by its committee.
      await trx
        .updateTable('gate')
        .set({ decided_at: at, waits_for: [] })
        .where('thesis_id', '=', thesisId)
        .where('decided_at', 'is', null)
        .execute();
      return;
    case 'RetexCompleted':
      return await completeRetex(trx, thesisId, event, at);
    default:
      return;
  }
}

type SealedContract = EventOf<'ThesisProposed'>['contract'];

type EventOf<T extends ThesisEvent['type']> = Extract<ThesisEvent, { type: T }>;

async function insertThesis(
  trx: Trx,
  thesisId: string,
  { contract, owner }: EventOf<'ThesisProposed'>,
  at: string,
  view: ThesisView,
  clock: ThesisClock,
): Promise<void> {
  await trx
    .insertInto('thesis')
    .values({
      thesis_id: thesisId,
      title: contract.title,
      owner,
      portfolio: contract.portfolio,
      market: contract.market,
      playbook: contract.playbook.name,
      playbook_version: contract.playbook.version,
      currency: contract.currency,
      stage: view.stage,
      status: view.status,
      outcome: view.outcome,
      proposed_at: at,
      stage_since: view.stageSince,
      clock_origin: clock.origin,
      clock_rate: clock.rate,
      sequence: view.sequence,
      view: JSON.stringify(view),
    })
    .execute();
}

async function sealContract(trx: Trx, thesisId: string, contract: SealedContract, at: string): Promise<void> {
  await trx
    .insertInto('contract')
    .values({
      thesis_id: thesisId,
      version: contract.version,
      body: JSON.stringify(contract),
      hash: contract.hash,
      sealed_at: at,
    })
    .execute();
}

async function retitle(
  trx: Trx,
  thesisId: string,
  { title, portfolio, market }: SealedContract,
): Promise<void> {
  await trx
    .updateTable('thesis')
    .set({ title, portfolio, market })
    .where('thesis_id', '=', thesisId)
    .execute();
}

async function openWindow(
  trx: Trx,
  thesisId: string,
  stage: string,
  round: number,
  at: string,
): Promise<void> {
  await trx
    .with('left', (before) =>
      before
        .updateTable('stage_window')
        .set({ left_at: at })
        .where('thesis_id', '=', thesisId)
        .where('left_at', 'is', null),
    )
    .insertInto('stage_window')
    .values({ thesis_id: thesisId, stage, round, entered_at: at, left_at: null })
    .execute();
}

async function insertGate(
  trx: Trx,
  thesisId: string,
  view: ThesisView,
  { gate }: EventOf<'GateOpened'>,
): Promise<void> {
  await trx
    .insertInto('gate')
    .values({
      gate_id: gate.id,
      thesis_id: thesisId,
      stage:
        view.gate?.id === gate.id
          ? view.stage
          : sql<Stage>`(
        select stage from stage_window where thesis_id = ${thesisId} and left_at is null)`,
      opened_at: gate.openedAt,
      deadline: gate.deadline,
      decided_at: null,
      decision: null,
      recommendation: gate.recommendation,
      evidence_hash: gate.evidenceHash,
      waits_for: [],
      body: JSON.stringify(gate),
      outcome: null,
    })
    .execute();
}

async function insertVote(trx: Trx, sequence: number, { gateId, vote }: EventOf<'VoteCast'>): Promise<void> {
  await trx
    .insertInto('vote')
    .values({
      gate_id: gateId,
      sequence,
      member_id: vote.member,
      seat: vote.seat,
      ballot: vote.ballot,
      body: JSON.stringify(vote),
      voided_at: null,
    })
    .execute();
}

async function closeGate(
  trx: Trx,
  gateId: string,
  at: string,
  outcome: EventOf<'GateDecided'>['outcome'],
): Promise<void> {
  await trx
    .updateTable('gate')
    .set({ decided_at: at, decision: outcome.decision, outcome: JSON.stringify(outcome), waits_for: [] })
    .where('gate_id', '=', gateId)
    .execute();
}

async function completeRetex(
  trx: Trx,
  thesisId: string,
  { by, summary, learnings, tags }: EventOf<'RetexCompleted'>,
  at: string,
): Promise<void> {
  const words = [...learnings.map(({ text, topic }) => `${topic} ${text}`), ...tags].join(' ');
  await trx
    .updateTable('retex')
    .set({
      summary,
      learnings: JSON.stringify(learnings),
      tags: [...tags],
      completed_by: by,
      completed_at: at,
      search: sql<string>`to_tsvector('simple', (select title from thesis where thesis_id = ${thesisId})
        || ' ' || ${summary}::text || ' ' || ${words}::text)`,
    })
    .where('thesis_id', '=', thesisId)
    .execute();
}

/** One statement for both rows: it runs with every event. */
async function projectView(trx: Trx, { thesisId, view }: Projected): Promise<void> {
  const thesis = {
    stage: view.stage,
    status: view.status,
    outcome: view.outcome,
    stage_since: view.stageSince,
    sequence: view.sequence,
    view: JSON.stringify(view),
    updated_at: sql<string>`now()`,
  };
  const { gate, waiting } = view;
  if (gate === null) {
    await trx.updateTable('thesis').set(thesis).where('thesis_id', '=', thesisId).execute();
    return;
  }
  const open = {
    deadline: gate.deadline,
    evidence_hash: gate.evidenceHash,
    recommendation: gate.recommendation,
    waits_for: [...waiting.who],
    body: JSON.stringify(gate),
  };
  await trx
    .with('shown', (also) => also.updateTable('gate').set(open).where('gate_id', '=', gate.id))
    .updateTable('thesis')
    .set(thesis)
    .where('thesis_id', '=', thesisId)
    .execute();
}
