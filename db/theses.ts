// Reads theses: one with what it shows of itself, or a page of them.

import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { ThesisView } from '../domain/thesis/view.ts';
import type { Db } from './connect.ts';

export interface StoredThesis {
  readonly thesisId: string;
  readonly title: string;
  readonly owner: string;
  readonly portfolio: string;
  readonly market: string;
  readonly playbook: { readonly name: string; readonly version: number };
  readonly currency: string;
  readonly proposedAt: string;
  readonly clock: ThesisClock;
  readonly view: ThesisView;
}

export interface ThesisFilter {
  readonly stage?: string | undefined;
  readonly status?: string | undefined;
  readonly owner?: string | undefined;
  readonly portfolio?: string | undefined;
  /** Whether something about it needs an operator. */
  readonly needsAttention?: 'true' | 'false' | undefined;
}

export async function findThesis(db: Db, thesisId: string): Promise<StoredThesis | null> {
  const row = await db.selectFrom('thesis').selectAll().where('thesis_id', '=', thesisId).executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** Theses, newest first, after the key (proposed at, id) of the page before. */
export async function listTheses(
  db: Db,
  filter: ThesisFilter,
  page: { readonly after: readonly [string, string] | null; readonly limit: number },
): Promise<StoredThesis[]> {
  let query = db.selectFrom('thesis').selectAll();
  const { stage, status, owner, portfolio, needsAttention } = filter;
  if (stage !== undefined) query = query.where('stage', '=', stage);
  if (status !== undefined) query = query.where('status', '=', status);
  if (owner !== undefined) query = query.where('owner', '=', owner);
  if (portfolio !== undefined) query = query.where('portfolio', '=', portfolio);
  if (needsAttention !== undefined) {
    query = query.where(({ exists, not, selectFrom }) => {
      const noted = exists(
        selectFrom('thesis_attention')
          .select('kind')
          .whereRef('thesis_attention.thesis_id', '=', 'thesis.thesis_id'),
      );
      return needsAttention === 'true' ? noted : not(noted);
    });
  }
  const { after } = page;
  if (after !== null) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('proposed_at', 'thesis_id'), '<', tuple(after[0], after[1])),
    );
  }
  const rows = await query
    .orderBy('proposed_at', 'desc')
    .orderBy('thesis_id', 'desc')
    .limit(page.limit)
    .execute();
  return rows.map(read);
}

interface Row {
  readonly thesis_id: string;
  readonly title: string;
  readonly owner: string;
  readonly portfolio: string;
  readonly market: string;
  readonly playbook: string;
  readonly playbook_version: number;
  readonly currency: string;
  readonly proposed_at: string;
  readonly clock_origin: string;
  readonly clock_rate: number;
  readonly view: ThesisView;
}

function read(row: Row): StoredThesis {
  return {
    thesisId: row.thesis_id,
    title: row.title,
    owner: row.owner,
    portfolio: row.portfolio,
    market: row.market,
    playbook: { name: row.playbook, version: row.playbook_version },
    currency: row.currency,
    proposedAt: row.proposed_at,
    clock: { origin: row.clock_origin, rate: row.clock_rate },
    view: row.view,
  };
}
