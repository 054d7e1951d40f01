// The frozen file of a gate: everything the committee was shown, under its SHA-256. Insert-only.

import { createHash } from 'node:crypto';
import { canonical } from '../domain/canonical.ts';
import type { Recommendation } from '../domain/gate.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { Db } from './connect.ts';
import type { ReadOutBody } from './read-outs.ts';

export interface EvidencePack {
  readonly gateId: string;
  readonly thesisId: string;
  readonly stage: GatedStage;
  readonly round: number;
  readonly contract: { readonly version: number; readonly hash: string };
  readonly recommendation: Recommendation;
  /** The read-out shown, whole; null when the gate opened on nothing. */
  readonly readOut: ReadOutBody | null;
  readonly readOutAt: string;
  /** The observations behind it: how many, up to which one, and the hash of their values in order. */
  readonly observations: { readonly count: number; readonly last: string | null; readonly sha256: string };
  readonly codeVersion: string;
}

function hashOfPack(pack: EvidencePack): string {
  return createHash('sha256').update(canonical(pack)).digest('hex');
}

/** Stores the pack and returns its hash; the same pack again is the same row. */
export async function freezePack(db: Db, pack: EvidencePack): Promise<string> {
  // Through JSON once, so that the hash is of what will be read back.
  const stored: EvidencePack = JSON.parse(JSON.stringify(pack));
  const hash = hashOfPack(stored);
  await db
    .insertInto('evidence_pack')
    .values({
      gate_id: pack.gateId,
      hash,
      thesis_id: pack.thesisId,
      frozen_at: pack.readOutAt,
      pack: JSON.stringify(stored),
    })
    .onConflict((conflict) => conflict.columns(['gate_id', 'hash']).doNothing())
    .execute();
  return hash;
}

export async function findPack(db: Db, gateId: string, hash: string): Promise<EvidencePack | undefined> {
  const row = await db
    .selectFrom('evidence_pack')
    .select('pack')
    .where('gate_id', '=', gateId)
    .where('hash', '=', hash)
    .executeTakeFirst();
  return row?.pack;
}

/** Count, newest id and hash of the observations that a stage's read-out at `asOf` could see. */
export async function observationsSeen(
  db: Db,
  { thesisId, asOf }: { thesisId: string; asOf: string },
): Promise<EvidencePack['observations']> {
  const rows = await db
    .selectFrom('observation')
    .select(['observation_id', 'content_hash'])
    .where('thesis_id', '=', thesisId)
    .where('known_at', '<=', asOf)
    .where('period_to', '<=', asOf)
    .orderBy('observation_id')
    .execute();
  const digest = createHash('sha256');
  for (const { content_hash } of rows) digest.update(content_hash);
  return { count: rows.length, last: rows.at(-1)?.observation_id ?? null, sha256: digest.digest('hex') };
}
