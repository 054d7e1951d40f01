// The reckoning at the end of a chaos run: whatever was acknowledged is there exactly once, in PostgreSQL and in
// Temporal's history alike; every ledger verifies; every thesis has ended; nobody was reminded twice.

import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { connect, type Db } from '../../db/connect.ts';
import { verifyLedger } from '../../db/ledger.ts';
import { historiesOf } from '../histories.ts';
import type { Acknowledged } from './acknowledged.ts';

/** Every loss and every doubling, a sentence each; empty when nothing was lost. */
export async function reckon(
  memory: Acknowledged,
  { databaseUrl, temporalAddress }: { readonly databaseUrl: string; readonly temporalAddress: string },
): Promise<string[]> {
  const db = connect(databaseUrl, { poolSize: 2, name: 'jalon-chaos' });
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const client = new Client({ connection });
    return [
      ...(await ledgerLosses(db)),
      ...(await commandLosses(db, memory)),
      ...(await evidenceLosses(db, memory)),
      ...(await reminderDoublings(db)),
      ...(await historyLosses(db, client, memory)),
    ];
  } finally {
    await connection.close();
    await db.destroy();
  }
}

async function ledgerLosses(db: Db): Promise<string[]> {
  const { broken } = await verifyLedger(db);
  const open = await db.selectFrom('thesis').select('thesis_id').where('status', '!=', 'closed').execute();
  return [
    ...(broken === null
      ? []
      : [`ledger of ${broken.thesisId} broken at ${broken.sequence}: ${broken.problem}`]),
    ...open.map(({ thesis_id }) => `thesis ${thesis_id} has not reached its end`),
  ];
}

async function commandLosses(db: Db, { launches, commands }: Acknowledged): Promise<string[]> {
  const losses: string[] = [];
  for (const { thesisId } of launches) {
    const proposed = await count(
      db,
      sql`thesis_event where thesis_id = ${thesisId} and type = 'ThesisProposed'`,
    );
    if (proposed !== 1) losses.push(`launch of ${thesisId} is there ${proposed} times`);
  }
  for (const { thesisId, sequence, path } of commands) {
    const there = await count(
      db,
      sql`thesis_event where thesis_id = ${thesisId} and sequence = ${sequence} and command_id is not null`,
    );
    if (there !== 1)
      losses.push(`${path} answered sequence ${sequence} of ${thesisId}, which is there ${there} times`);
  }
  const doubled = await sql<{ command_id: string }>`
    select command_id from thesis_event where type in ('VoteCast', 'EvidenceSubmitted', 'RetexCompleted')
    group by command_id having count(*) > 1`.execute(db);
  return [...losses, ...doubled.rows.map(({ command_id }) => `command ${command_id} had its effect twice`)];
}

async function evidenceLosses(db: Db, { submissions, rows }: Acknowledged): Promise<string[]> {
  const losses: string[] = [];
  for (const { submission } of submissions) {
    const there = await count(db, sql`submission where submission_id = ${submission}`);
    if (there !== 1) losses.push(`submission ${submission} is there ${there} times`);
  }
  const stored = await db
    .selectFrom('observation')
    .select(['thesis_id', 'row_key', 'sum', 'revision'])
    .execute();
  const found = new Map<string, string[]>();
  for (const { thesis_id, row_key, sum } of stored) {
    const key = `${thesis_id}\n${row_key}`;
    found.set(key, [...(found.get(key) ?? []), sum ?? '']);
  }
  for (const { thesisId, rowKey, sum } of rows) {
    const sums = found.get(`${thesisId}\n${rowKey}`) ?? [];
    if (sums.length !== 1 || Number(sums[0]) !== Number(sum)) {
      losses.push(`observation ${rowKey} of ${thesisId} (${sum}) is there as [${sums.join(', ')}]`);
    }
  }
  return losses;
}

async function reminderDoublings(db: Db): Promise<string[]> {
  const { rows } = await sql<{ gate: string; reminders: number; planned: number }>`
    select told.gate, told.reminders, jsonb_array_length(gate.body->'reminders') as planned
    from (
      select data->>'gateId' as gate, count(*)::int as reminders
      from thesis_event where type = 'GateReminded' group by 1
    ) told
    join gate on gate.gate_id = told.gate`.execute(db);
  return rows
    .filter(({ reminders, planned }) => reminders > planned)
    .map(
      ({ gate, reminders, planned }) => `${gate} was reminded ${reminders} times, ${planned} were planned`,
    );
}

/** Each command of the ledger that came by update is accepted exactly once in the histories of its thesis's runs. */
async function historyLosses(db: Db, client: Client, { launches }: Acknowledged): Promise<string[]> {
  const losses: string[] = [];
  for (const { thesisId } of launches) {
    const accepted = await acceptedUpdates(client, thesisId);
    const events = await sql<{ command_id: string }>`
      select distinct command_id from thesis_event
      where thesis_id = ${thesisId} and command_id is not null and coalesce(data->>'via', 'update') = 'update'
    `.execute(db);
    for (const { command_id } of events.rows) {
      const times = accepted.get(command_id) ?? 0;
      if (times !== 1)
        losses.push(`command ${command_id} of ${thesisId} is ${times} times in Temporal's history`);
    }
  }
  return losses;
}

/** How often each update id was accepted, in all runs of the thesis. */
async function acceptedUpdates(client: Client, thesisId: string): Promise<Map<string, number>> {
  const accepted = new Map<string, number>();
  for (const { events } of await historiesOf(client, thesisId)) {
    for (const event of events ?? []) {
      const id = event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId;
      if (id) accepted.set(id, (accepted.get(id) ?? 0) + 1);
    }
  }
  return accepted;
}

async function count(db: Db, from: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from ${from}`.execute(db);
  return rows[0]?.count ?? 0;
}
