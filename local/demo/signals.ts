// Votes that go to Temporal itself, as a chat bot or an operator's command line would send them: the same vote, without
// the API.

import { Client, Connection } from '@temporalio/client';
import { thesisWorkflowId, VOTE_SIGNAL } from '../../workflows/contract.ts';
import type { Platform } from '../platform.ts';
import type { SignalVote } from './life.ts';

export async function openSignals({
  temporalAddress,
  dataConverter,
}: Platform): Promise<{ vote: SignalVote; close(): Promise<void> }> {
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection, dataConverter });
  return {
    vote: (thesisId, vote) => client.workflow.getHandle(thesisWorkflowId(thesisId)).signal(VOTE_SIGNAL, vote),
    close: () => connection.close(),
  };
}
