// The ledger: every event of every thesis, append-only, each carrying the hash of the one before. Appending and
// projecting happen in one transaction, and appending the same events twice is the same as once.

import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { canonical } from '../domain/canonical.ts';
import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { ThesisView } from '../domain/thesis/view.ts';
import type { RecordedEvent } from '../domain/thesis.ts';
import type { Db } from './connect.ts';
import { project } from './projection.ts';
import type { Database } from './schema.ts';

export interface Batch {
  readonly thesisId: string;
  readonly events: readonly RecordedEvent[];
  readonly view: ThesisView;
  readonly clock: ThesisClock;
}

/** The journal and the ledger disagree about an event that both have: never to be retried, always to be looked at. */
export class LedgerContradiction extends Error {}

const GENESIS = Buffer.alloc(32);

/** Appends a batch and projects it, or does nothing when it is already there. */
export async function appendEvents(db: Db, batch: Batch): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const last = await trx
      .selectFrom('thesis_event')
      .select(['sequence', 'hash'])
      .where('thesis_id', '=', batch.thesisId)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst();
    const known = last?.sequence ?? 0;
    await assertSame(trx, batch, known);
    const fresh = batch.events.filter(({ sequence }) => sequence > known);
    const [first] = fresh;
    if (first === undefined) return;
    if (first.sequence !== known + 1) {
      throw new LedgerContradiction(`${batch.thesisId}: event ${first.sequence} follows ${known}`);
    }
    await insertEvents(trx, batch.thesisId, fresh, last?.hash ?? GENESIS);
    await project(trx, { ...batch, events: fresh });
  });
}

async function insertEvents(
  trx: Transaction<Database>,
  thesisId: string,
  events: readonly RecordedEvent[],
  previous: Buffer,
): Promise<void> {
  let previousHash = previous;
  const rows = events.map((recorded) => {
    const hash = hashOf(previousHash, thesisId, recorded);
    const row = {
      thesis_id: thesisId,
      sequence: recorded.sequence,
      type: recorded.event.type,
      at: recorded.at,
      actor: recorded.actor,
      command_id: recorded.commandId,
      data: JSON.stringify(recorded.event),
      previous_hash: previousHash,
      hash,
    };
    previousHash = hash;
    return row;
  });
  await trx.insertInto('thesis_event').values(rows).execute();
}

/**
 * Events that are already recorded must be the very same ones, down to their moment: a repeated batch is, and one that was
 * decided a second time, by a run that has lost its past, is not.
 */
async function assertSame(
  trx: Transaction<Database>,
  { thesisId, events }: Batch,
  known: number,
): Promise<void> {
  const repeated = events.filter(({ sequence }) => sequence <= known);
  if (repeated.length === 0) return;
  const rows = await trx
    .selectFrom('thesis_event')
    .select(['sequence', 'previous_hash', 'hash'])
    .where('thesis_id', '=', thesisId)
    .where(
      'sequence',
      'in',
      repeated.map(({ sequence }) => sequence),
    )
    .execute();
  const links = new Map(rows.map((row) => [row.sequence, row]));
  for (const recorded of repeated) {
    const link = links.get(recorded.sequence);
    if (link === undefined || !hashOf(link.previous_hash, thesisId, recorded).equals(link.hash)) {
      throw new LedgerContradiction(
        `${thesisId}: event ${recorded.sequence} is already recorded with other content`,
      );
    }
  }
}

function hashOf(previous: Buffer, thesisId: string, recorded: RecordedEvent): Buffer {
  const { sequence, at, actor, commandId, event } = recorded;
  return createHash('sha256')
    .update(previous)
    .update(canonical({ thesisId, sequence, at, actor, commandId, event }))
    .digest();
}

export interface BrokenLink {
  readonly thesisId: string;
  readonly sequence: number;
  readonly problem: string;
}

export interface LedgerCheck {
  readonly theses: number;
  readonly events: number;
  readonly broken: BrokenLink | null;
}

const PAGE = 1_000;

/** Walks the whole ledger and names the first link that does not hold. */
export async function verifyLedger(db: Db): Promise<LedgerCheck> {
  let [theses, events] = [0, 0];
  let thesisId = '';
  let sequence = 0;
  let previous: Buffer = GENESIS;
  for (;;) {
    const rows = await db
      .selectFrom('thesis_event')
      .selectAll()
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('thesis_id', 'sequence'), '>', tuple(thesisId, sequence)),
      )
      .orderBy('thesis_id')
      .orderBy('sequence')
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      if (row.thesis_id !== thesisId) {
        theses += 1;
        [thesisId, sequence, previous] = [row.thesis_id, 0, GENESIS];
      }
      const problem = problemOf(row, sequence, previous);
      if (problem !== null) return { theses, events, broken: { thesisId, sequence: row.sequence, problem } };
      [sequence, previous] = [row.sequence, row.hash];
      events += 1;
    }
    if (rows.length < PAGE) return { theses, events, broken: null };
  }
}

interface LedgerRow {
  readonly thesis_id: string;
  readonly sequence: number;
  readonly type: string;
  readonly at: string;
  readonly actor: string;
  readonly command_id: string | null;
  readonly data: RecordedEvent['event'];
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
}

function problemOf(row: LedgerRow, before: number, previous: Buffer): string | null {
  if (row.sequence !== before + 1) return `follows ${before}: an event is missing`;
  if (!row.previous_hash.equals(previous)) return 'does not carry the hash of the event before it';
  if (row.type !== row.data.type) return `its type column says ${row.type}, its data ${row.data.type}`;
  const recorded = {
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    commandId: row.command_id,
    event: row.data,
  };
  return hashOf(previous, row.thesis_id, recorded).equals(row.hash)
    ? null
    : 'its content does not match its hash';
}
