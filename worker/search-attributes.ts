// Registers the search attributes that the workflows set, at start-up: adding one that exists changes nothing.

import { isGrpcServiceError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';

/** Temporal's own numbers for the kinds of attribute (temporal.api.enums.v1.IndexedValueType). */
const INDEXED_VALUE_TYPE = { KEYWORD: 2, BOOL: 5 } as const;

/** gRPC's numbers of what may go wrong. */
const ALREADY_EXISTS = 6;
const NOT_OURS_TO_DO = new Set([7, 12]);

/** On Temporal Cloud they are made by hand beforehand: a refusal is told to `log`, and workers go on. */
export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  log?: Pick<Logger, 'warn'>,
): Promise<void> {
  const searchAttributes = Object.fromEntries(
    Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, INDEXED_VALUE_TYPE[type]]),
  );
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    if (log !== undefined && NOT_OURS_TO_DO.has(error.code)) {
      log.warn(
        { searchAttributes: Object.keys(searchAttributes) },
        'search attributes must be made by hand here',
      );
    } else if (error.code !== ALREADY_EXISTS) throw error;
  }
}
