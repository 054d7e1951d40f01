// What the API needs of the workflow engine, and no more: send a command to a thesis and learn what came of it.
// Implemented over Temporal in theses-client.ts.

import type { Refusal } from '../domain/refusal.ts';
import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { PersonCommand, Receipt } from '../domain/thesis/command.ts';
import type { SealedContract } from '../domain/thesis.ts';

export interface SentBy {
  readonly by: string;
  readonly admin: boolean;
  /** Unique per command: the same id again has no second effect. */
  readonly commandId: string;
  /** An earlier attempt may have arrived, however long ago: what it did is looked for before anything is done. */
  readonly repeated: boolean;
}

export interface ThesesPort {
  /**
   * Starts the thesis's workflow and proposes the contract in one step. Resolves once the proposal is recorded in
   * Temporal's history and in PostgreSQL. Throws EngineUnavailable when the answer could not be had.
   */
  propose(
    thesisId: string,
    contract: SealedContract,
    clock: ThesisClock,
    sent: SentBy,
  ): Promise<Receipt | Refusal>;
  /** Sends any other command. Same promise, same errors. */
  send(thesisId: string, command: PersonCommand, sent: SentBy): Promise<Receipt | Refusal>;
}

/** The workflow engine did not answer in time: nothing is lost, and the same request may be sent again. */
export class EngineUnavailable extends Error {}
