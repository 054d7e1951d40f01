// The read side: what brings the tables that the API reads in step with new events, in the ledger's own transaction.
// No statement may need the answer of another: they are sent together.

import { sql, type Transaction } from 'kysely';
import type { Stage } from '../domain/stage.ts';
import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { ThesisView } from '../domain/thesis/view.ts';
import type { RecordedEvent, ThesisEvent } from '../domain/thesis.ts';
import type { Statement } from './pipeline.ts';
import type { Database } from './schema.ts';

interface Projected {
  readonly thesisId: string;
  readonly events: readonly RecordedEvent[];
  readonly view: ThesisView;
  readonly clock: ThesisClock;
}

type Trx = Transaction<Database>;

/** In the order in which they are to be executed. */
export function projections(trx: Trx, batch: Projected): Statement[] {
  const ofEvents = batch.events.flatMap((recorded) => ofEvent(trx, batch, recorded));
  return [...ofEvents, ofView(trx, batch)];
}

function ofEvent(
  trx: Trx,
  { thesisId, view, clock }: Projected,
  recorded: RecordedEvent,
): Statement | Statement[] {
  const { event, at } = recorded;
  switch (event.type) {
    case 'ThesisProposed':
      return [
        insertThesis(trx, thesisId, event, at, view, clock),
        sealContract(trx, thesisId, event.contract, at),
      ];
    case 'ContractAmended':
      return [sealContract(trx, thesisId, event.contract, at), retitle(trx, thesisId, event.contract)];
    case 'StageEntered':
      // Retex collects nothing: what arrives late belongs to the last stage that spent.
      return event.stage === 'retex' ? [] : openWindow(trx, thesisId, event.stage, 0, at);
    case 'StageRefined':
      return openWindow(trx, thesisId, event.stage, event.round, at);
    case 'GateOpened':
      return insertGate(trx, thesisId, view, event);
    case 'VoteCast':
      return insertVote(trx, recorded.sequence, event);
    case 'VotesVoided':
    case 'GateEscalated':
      return trx
        .updateTable('vote')
        .set({ voided_at: at })
        .where('gate_id', '=', event.gateId)
        .where('voided_at', 'is', null);
    case 'GateDecided':
      return closeGate(trx, event.gateId, at, event.outcome);
    case 'ThesisKilled':
    case 'ThesisWithdrawn':
      // A gate that was open when the thesis ended by another road closes with it, undecided by its committee.
      return trx
        .updateTable('gate')
        .set({ decided_at: at, waits_for: [] })
        .where('thesis_id', '=', thesisId)
        .where('decided_at', 'is', null);
    case 'RetexCompleted':
      return completeRetex(trx, thesisId, event, at);
    default:
      return [];
  }
}

type SealedContract = EventOf<'ThesisProposed'>['contract'];

type EventOf<T extends ThesisEvent['type']> = Extract<ThesisEvent, { type: T }>;

function insertThesis(
  trx: Trx,
  thesisId: string,
  { contract, owner }: EventOf<'ThesisProposed'>,
  at: string,
  view: ThesisView,
  clock: ThesisClock,
): Statement {
  return trx.insertInto('thesis').values({
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
  });
}

function sealContract(trx: Trx, thesisId: string, contract: SealedContract, at: string): Statement {
  return trx.insertInto('contract').values({
    thesis_id: thesisId,
    version: contract.version,
    body: JSON.stringify(contract),
    hash: contract.hash,
    sealed_at: at,
  });
}

function retitle(trx: Trx, thesisId: string, { title, portfolio, market }: SealedContract): Statement {
  return trx.updateTable('thesis').set({ title, portfolio, market }).where('thesis_id', '=', thesisId);
}

function openWindow(trx: Trx, thesisId: string, stage: string, round: number, at: string): Statement {
  return trx
    .with('left', (before) =>
      before
        .updateTable('stage_window')
        .set({ left_at: at })
        .where('thesis_id', '=', thesisId)
        .where('left_at', 'is', null),
    )
    .insertInto('stage_window')
    .values({ thesis_id: thesisId, stage, round, entered_at: at, left_at: null });
}

function insertGate(
  trx: Trx,
  thesisId: string,
  view: ThesisView,
  { gate }: EventOf<'GateOpened'>,
): Statement {
  return trx.insertInto('gate').values({
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
  });
}

function insertVote(trx: Trx, sequence: number, { gateId, vote }: EventOf<'VoteCast'>): Statement {
  return trx.insertInto('vote').values({
    gate_id: gateId,
    sequence,
    member_id: vote.member,
    seat: vote.seat,
    ballot: vote.ballot,
    body: JSON.stringify(vote),
    voided_at: null,
  });
}

function closeGate(
  trx: Trx,
  gateId: string,
  at: string,
  outcome: EventOf<'GateDecided'>['outcome'],
): Statement {
  return trx
    .updateTable('gate')
    .set({ decided_at: at, decision: outcome.decision, outcome: JSON.stringify(outcome), waits_for: [] })
    .where('gate_id', '=', gateId);
}

function completeRetex(
  trx: Trx,
  thesisId: string,
  { by, summary, learnings, tags }: EventOf<'RetexCompleted'>,
  at: string,
): Statement {
  const words = [...learnings.map(({ text, topic }) => `${topic} ${text}`), ...tags].join(' ');
  return trx
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
    .where('thesis_id', '=', thesisId);
}

/** One statement for both rows: it runs with every event. */
function ofView(trx: Trx, { thesisId, view }: Projected): Statement {
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
    return trx.updateTable('thesis').set(thesis).where('thesis_id', '=', thesisId);
  }
  const open = {
    deadline: gate.deadline,
    evidence_hash: gate.evidenceHash,
    recommendation: gate.recommendation,
    waits_for: [...waiting.who],
    body: JSON.stringify(gate),
  };
  return trx
    .with('shown', (also) => also.updateTable('gate').set(open).where('gate_id', '=', gate.id))
    .updateTable('thesis')
    .set(thesis)
    .where('thesis_id', '=', thesisId);
}
