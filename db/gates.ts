// Reads gates: one with its votes and its frozen file, or those that wait for a member.

import type { Gate, GateOutcome, Recommendation, Vote } from '../domain/gate.ts';
import type { Stage } from '../domain/stage.ts';
import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { Db } from './connect.ts';

export interface StoredGate {
  readonly gateId: string;
  readonly thesisId: string;
  readonly title: string;
  readonly stage: Stage;
  readonly openedAt: string;
  readonly deadline: string;
  readonly decidedAt: string | null;
  readonly recommendation: Recommendation;
  readonly evidenceHash: string;
  readonly waitsFor: readonly string[];
  readonly gate: Gate;
  readonly clock: ThesisClock;
  readonly outcome: GateOutcome | null;
}

function gates(db: Db) {
  return db
    .selectFrom('gate')
    .innerJoin('thesis', 'thesis.thesis_id', 'gate.thesis_id')
    .select([
      'gate_id',
      'gate.thesis_id',
      'title',
      'gate.stage',
      'opened_at',
      'deadline',
      'decided_at',
      'recommendation',
      'evidence_hash',
      'waits_for',
      'body',
      'gate.outcome',
      'clock_origin',
      'clock_rate',
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof gates>['executeTakeFirstOrThrow']>>;

export async function findGate(db: Db, gateId: string): Promise<StoredGate | null> {
  const row = await gates(db).where('gate_id', '=', gateId).executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** Open gates by deadline, the most urgent first; only those that wait for `member` when one is given. */
export async function listOpenGates(
  db: Db,
  member: string | null,
  page: { readonly after: readonly [string, string] | null; readonly limit: number },
): Promise<StoredGate[]> {
  let query = gates(db).where('decided_at', 'is', null);
  if (member !== null) query = query.where(({ eb }) => eb(eb.val(member), '=', eb.fn.any('waits_for')));
  const { after } = page;
  if (after !== null) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('deadline', 'gate_id'), '>', tuple(after[0], after[1])),
    );
  }
  const rows = await query.orderBy('deadline').orderBy('gate_id').limit(page.limit).execute();
  return rows.map(read);
}

export interface StoredVote {
  readonly vote: Vote;
  readonly sequence: number;
  readonly voidedAt: string | null;
}

/** Every vote ever cast at the gate, void ones included, in order. */
export async function votesAt(db: Db, gateId: string): Promise<StoredVote[]> {
  const rows = await db
    .selectFrom('vote')
    .select(['body', 'sequence', 'voided_at'])
    .where('gate_id', '=', gateId)
    .orderBy('sequence')
    .execute();
  return rows.map(({ body, sequence, voided_at }) => ({ vote: body, sequence, voidedAt: voided_at }));
}

function read(row: Row): StoredGate {
  return {
    gateId: row.gate_id,
    thesisId: row.thesis_id,
    title: row.title,
    stage: row.stage,
    openedAt: row.opened_at,
    deadline: row.deadline,
    decidedAt: row.decided_at,
    recommendation: row.recommendation,
    evidenceHash: row.evidence_hash,
    waitsFor: row.waits_for,
    gate: row.body,
    clock: { origin: row.clock_origin, rate: row.clock_rate },
    outcome: row.outcome,
  };
}
