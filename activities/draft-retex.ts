// Drafts the retex from the journal: the promise against the result, who decided what on which evidence, what moved
// and what it cost. Its owner completes it; nothing closes without it.

import { currentContract } from '../db/contracts.ts';
import { saveRetexDraft } from '../db/retexes.ts';
import { readJournal } from '../db/timeline.ts';
import { draftFrom, type RetexDraft } from '../domain/thesis/retex.ts';
import type { ActivityDependencies } from './dependencies.ts';

export async function draftRetex(
  { db }: Pick<ActivityDependencies, 'db'>,
  { thesisId }: { thesisId: string },
): Promise<string> {
  const contract = await currentContract(db, thesisId);
  const draft: RetexDraft = draftFrom(contract, await readJournal(db, thesisId));
  await saveRetexDraft(db, thesisId, draft);
  return thesisId;
}
