// Who may send evidence to which thesis: its owner, and administrators.

import type { StoredThesis } from '../db/theses.ts';
import type { ObservationRules } from '../domain/observation/check.ts';
import { thesisTime } from '../domain/thesis/clock.ts';
import { isAdmin } from './access.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { thesisOf } from './theses.ts';

/** The thesis that the caller may send evidence to. */
export async function evidencedThesis(c: ApiContext, thesisId: string): Promise<StoredThesis> {
  const thesis = await thesisOf(c, thesisId);
  const { member } = c.var;
  if (thesis.owner === member.memberId || isAdmin(member)) return thesis;
  throw new Problem('not_owner', `Evidence of ${thesisId} is sent by its owner, or by an administrator.`);
}

/** The thesis's own present. */
export function thesisNow(c: ApiContext, { clock }: StoredThesis): string {
  return thesisTime(clock, c.var.now().getTime());
}

/** What a row sent now is judged by. */
export function rulesOf(
  c: ApiContext,
  thesis: StoredThesis,
  evidence: ObservationRules['evidence'],
): ObservationRules {
  return { currency: thesis.currency, now: thesisNow(c, thesis), evidence };
}
