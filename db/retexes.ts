// The library of retexes: drafts, completed ones, and search over what they taught.

import { sql } from 'kysely';
import type { RetexDraft } from '../domain/thesis/retex.ts';
import type { Learning } from '../domain/thesis.ts';
import type { Db } from './connect.ts';

/** Keeps the draft; drafting again after a crash replaces a draft that nobody has completed. */
export async function saveRetexDraft(db: Db, thesisId: string, draft: RetexDraft): Promise<void> {
  const body = JSON.stringify(draft);
  await db
    .insertInto('retex')
    .values({ thesis_id: thesisId, draft: body, learnings: JSON.stringify([]) })
    .onConflict((conflict) =>
      conflict.column('thesis_id').doUpdateSet({ draft: body }).where('retex.completed_at', 'is', null),
    )
    .execute();
}

export interface Retex {
  readonly draft: RetexDraft;
  readonly summary: string | null;
  readonly learnings: readonly Learning[];
  readonly tags: readonly string[];
  readonly completedBy: string | null;
  readonly completedAt: string | null;
}

export async function findRetex(db: Db, thesisId: string): Promise<Retex | undefined> {
  const row = await db.selectFrom('retex').selectAll().where('thesis_id', '=', thesisId).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    draft: row.draft,
    summary: row.summary,
    learnings: row.learnings,
    tags: row.tags,
    completedBy: row.completed_by,
    completedAt: row.completed_at,
  };
}

export interface FoundLearning {
  readonly thesisId: string;
  readonly title: string;
  readonly outcome: string | null;
  readonly summary: string;
  readonly learnings: readonly Learning[];
  readonly tags: readonly string[];
  readonly completedAt: string;
}

/** Completed retexes that speak of the words asked for, best first; all of them, newest first, without words. */
export async function searchLearnings(db: Db, words: string, limit: number): Promise<FoundLearning[]> {
  const query = sql`websearch_to_tsquery('simple', ${words})`;
  let select = db
    .selectFrom('retex')
    .innerJoin('thesis', 'thesis.thesis_id', 'retex.thesis_id')
    .select(['retex.thesis_id', 'title', 'outcome', 'summary', 'learnings', 'tags', 'completed_at'])
    .where('completed_at', 'is not', null)
    .limit(limit);
  if (words.trim() !== '') {
    select = select
      .where(sql<boolean>`retex.search @@ ${query}`)
      .orderBy(sql`ts_rank(retex.search, ${query})`, 'desc');
  }
  const rows = await select.orderBy('completed_at', 'desc').execute();
  return rows.map((row) => ({
    thesisId: row.thesis_id,
    title: row.title,
    outcome: row.outcome,
    summary: row.summary ?? '',
    learnings: row.learnings,
    tags: row.tags,
    completedAt: row.completed_at ?? '',
  }));
}
