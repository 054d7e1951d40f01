// Declared evidence: who gathered it and how, stored in one transaction with its observations, once per submission.

import type { Instant } from '../domain/duration.ts';
import type { Observation } from '../domain/evidence.ts';
import type { Db } from './connect.ts';
import { appendWithin } from './observation-append.ts';

export interface Submission {
  readonly submissionId: string;
  readonly thesisId: string;
  readonly author: string;
  readonly method: string;
  readonly notes: string;
  /** Thesis time. */
  readonly knownAt: Instant;
}

/** The source of all declared evidence. */
const DECLARED = 'declared';

/** Stores the submission, or does nothing when it is stored already. Its observations' keys are its own. */
export async function storeSubmission(
  db: Db,
  { submissionId, thesisId, author, method, notes, knownAt }: Submission,
  observations: readonly Observation[],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const stored = await trx
      .insertInto('submission')
      .values({ submission_id: submissionId, thesis_id: thesisId, author, method, notes, known_at: knownAt })
      .onConflict((conflict) => conflict.column('submission_id').doNothing())
      .executeTakeFirst();
    if (stored.numInsertedOrUpdatedRows !== 1n) return;
    const keyed = observations.map((one, index) => ({ ...one, rowKey: `${submissionId}/${index}` }));
    await appendWithin(trx, { thesisId, source: DECLARED, knownAt, submissionId }, keyed);
  });
}
