// Registers the search attributes that the workflows set, at start-up: adding one that exists changes nothing.

import { isGrpcServiceError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';

/** Temporal's own numbers for the kinds of attribute (temporal.api.enums.v1.IndexedValueType). */
const INDEXED_VALUE_TYPE = { KEYWORD: 2, BOOL: 5 } as const;

const ALREADY_EXISTS = 6;

export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
): Promise<void> {
  const searchAttributes = Object.fromEntries(
    Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [name, INDEXED_VALUE_TYPE[type]]),
  );
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error;
  }
}
