// Reads theses: one with what it shows of itself, or a page of them.

import { sql } from 'kysely';
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

/** A thesis without its gate, which is most of what it shows: the gate has an address of its own. */
export interface ListedThesis extends Omit<StoredThesis, 'view'> {
  readonly view: Omit<ThesisView, 'gate'>;
  readonly gateId: string | null;
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
  return row === undefined ? null : { ...read(row), view: row.view };
}

/** Theses, newest first, after the key (proposed at, id) of the page before. */
export async function listTheses(
  db: Db,
  filter: ThesisFilter,
  page: { readonly after: readonly [string, string] | null; readonly limit: number },
): Promise<ListedThesis[]> {
  let query = db
    .selectFrom('thesis')
    .select([
      'thesis_id',
      'title',
      'owner',
      'portfolio',
      'market',
      'playbook',
      'playbook_version',
      'currency',
      'proposed_at',
      'clock_origin',
      'clock_rate',
      sql<Omit<ThesisView, 'gate'>>`view - 'gate'`.as('view'),
      sql<string | null>`view #>> '{gate,id}'`.as('gate_id'),
    ]);
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
  return rows.map((row) => ({ ...read(row), view: row.view, gateId: row.gate_id }));
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
}

function read(row: Row): Omit<StoredThesis, 'view'> {
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
  };
}
