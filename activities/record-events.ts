// Records numbered events: the ledger and what the API reads, in one transaction.

import { ApplicationFailure } from '@temporalio/activity';
import { appendEvents, type Batch, LedgerContradiction } from '../db/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';

export async function recordEvents({ db }: Pick<ActivityDependencies, 'db'>, batch: Batch): Promise<void> {
  try {
    await appendEvents(db, batch);
  } catch (error) {
    // Trying again cannot mend a ledger that says something else: people must look.
    if (error instanceof LedgerContradiction) {
      throw ApplicationFailure.nonRetryable(error.message, 'ledger_contradiction');
    }
    throw error;
  }
}
