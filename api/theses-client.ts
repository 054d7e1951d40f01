// The API's port to the theses, over Temporal: updates with a deadline, refusals brought back as data, and an honest
// "unavailable" when no answer came in time. The same command id may be sent again without a second effect.

import {
  type Client,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { REFUSALS, type Refusal, type RefusalCode, refuse } from '../domain/refusal.ts';
import type { ThesisClock } from '../domain/thesis/clock.ts';
import type { PersonCommand, Receipt } from '../domain/thesis/command.ts';
import type { SealedContract } from '../domain/thesis.ts';
import {
  ALREADY_DONE,
  type Sender,
  searchAttributesOf,
  THESIS_WORKFLOW,
  type ThesisStart,
  thesisWorkflowId,
  UPDATE_NAMES,
} from '../workflows/contract.ts';
import { EngineUnavailable, type SentBy, type ThesesPort } from './theses-port.ts';

/** Long enough for a database that hiccups, short enough for a caller that waits. */
const DEADLINE_MS = 10_000;

/** A thesis between two runs (continue-as-new) may look absent for a moment. */
const ABSENT_ATTEMPTS = 5;
const ABSENT_PAUSE_MS = 200;

export interface ThesesOver {
  readonly client: Client;
  readonly taskQueue: string;
  readonly ledger: {
    /** Whether the ledger has the thesis, not closed: then a run that is absent is lost, and not over. */
    readonly isOpen: (thesisId: string) => Promise<boolean>;
    /** The receipt of a command whose events are recorded. */
    readonly receiptOf: (thesisId: string, commandId: string) => Promise<Receipt | null>;
  };
}

export function thesesOver({ client, taskQueue, ledger }: ThesesOver): ThesesPort {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + DEADLINE_MS, call);

  /**
   * What is recorded was done. The ledger is asked before what may have been sent already, for a thesis remembers the
   * last commands only, and after an answer that the engine lost, as when a run is continued in the same breath.
   */
  const orRecorded = async (
    thesisId: string,
    { commandId, repeated, ...who }: SentBy,
    ask: (sender: Sender) => Promise<Receipt | Refusal>,
  ): Promise<Receipt | Refusal> => {
    const before = repeated ? await ledger.receiptOf(thesisId, commandId) : null;
    if (before !== null) return before;
    try {
      return await ask({ ...who, commandId });
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      const receipt = await ledger.receiptOf(thesisId, commandId);
      if (receipt === null) throw error;
      return receipt;
    }
  };

  const propose = async (
    thesisId: string,
    contract: SealedContract,
    clock: ThesisClock,
    sender: Sender,
  ): Promise<Receipt | Refusal> => {
    const start: ThesisStart = { thesisId, clock, state: null };
    const command: PersonCommand = { type: 'Propose', contract };
    return await answerOf(() =>
      within(() =>
        client.workflow.executeUpdateWithStart<() => Promise<unknown>, Receipt, [PersonCommand, Sender]>(
          UPDATE_NAMES.Propose,
          {
            args: [command, sender],
            updateId: sender.commandId,
            startWorkflowOperation: new WithStartWorkflowOperation(THESIS_WORKFLOW, {
              workflowId: thesisWorkflowId(thesisId),
              taskQueue,
              args: [start],
              // What a thesis is at its birth: its workflow then has nothing to publish before its first gate.
              typedSearchAttributes: searchAttributesOf({
                stage: 'detect',
                status: 'collecting',
                owner: sender.by,
                portfolio: contract.portfolio,
                gateOpen: false,
              }),
              workflowIdConflictPolicy: 'USE_EXISTING',
              workflowIdReusePolicy: 'REJECT_DUPLICATE',
            }),
          },
        ),
      ),
    );
  };

  const send = async (
    thesisId: string,
    command: PersonCommand,
    sender: Sender,
  ): Promise<Receipt | Refusal> => {
    const handle = client.workflow.getHandle(thesisWorkflowId(thesisId));
    for (let attempt = 1; ; attempt += 1) {
      const answer = await answerOf(() =>
        within(() =>
          handle.executeUpdate<Receipt, [PersonCommand, Sender]>(UPDATE_NAMES[command.type], {
            args: [command, sender],
            updateId: sender.commandId,
          }),
        ),
      );
      if (!isAbsent(answer)) return answer;
      if (attempt === ABSENT_ATTEMPTS) {
        if (await ledger.isOpen(thesisId)) throw new EngineUnavailable('no run of the open thesis goes on');
        return (await ledger.receiptOf(thesisId, sender.commandId)) ?? answer;
      }
      await new Promise((resolve) => setTimeout(resolve, ABSENT_PAUSE_MS));
    }
  };

  return {
    propose: (thesisId, contract, clock, sent) =>
      orRecorded(thesisId, sent, (sender) => propose(thesisId, contract, clock, sender)),
    send: (thesisId, command, sent) =>
      orRecorded(thesisId, sent, (sender) => send(thesisId, command, sender)),
  };
}

const ABSENT = refuse('thesis_closed', 'The thesis no longer runs.');

function isAbsent(answer: Receipt | Refusal): boolean {
  return answer === ABSENT;
}

async function answerOf(call: () => Promise<Receipt>): Promise<Receipt | Refusal> {
  try {
    return await call();
  } catch (error) {
    const receipt = receiptIn(error);
    if (receipt !== null) return receipt;
    const refusal = refusalIn(error);
    if (refusal !== null) return refusal;
    if (error instanceof WorkflowNotFoundError) return ABSENT;
    if (noAnswer(error))
      throw new EngineUnavailable('the workflow engine did not answer in time', { cause: error });
    // Not refused, and not done: the run ended before its answer. The thesis is revived, and asked again.
    if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowExecutionAlreadyStartedError)
      throw new EngineUnavailable('the run of the thesis ended before it answered', { cause: error });
    throw error;
  }
}

/** The receipt of a command that was done before, by an earlier run of the thesis. */
function receiptIn(error: unknown): Receipt | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== ALREADY_DONE) return null;
  const [receipt] = cause.details ?? [];
  return isReceipt(receipt) ? receipt : null;
}

function isReceipt(value: unknown): value is Receipt {
  return typeof value === 'object' && value !== null && 'thesisId' in value && 'sequence' in value;
}

/** The typed refusal that a validator or handler threw; null when the failure is another one. */
function refusalIn(error: unknown): Refusal | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || !isRefusalCode(cause.type)) return null;
  const [detail] = cause.details ?? [];
  return isRefusalOf(detail, cause.type) ? detail : refuse(cause.type, cause.message);
}

function isRefusalCode(type: string | undefined | null): type is RefusalCode {
  return typeof type === 'string' && Object.hasOwn(REFUSALS, type);
}

function isRefusalOf(value: unknown, code: RefusalCode): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value && value.refused === code;
}

function noAnswer(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) return true;
  // Whatever else the service could not do, the update may or may not have arrived: sending it again is safe.
  return isGrpcServiceError(error) || (error instanceof Error && isGrpcServiceError(error.cause));
}
