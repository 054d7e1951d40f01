// A thesis as Temporal's search attributes tell it. Known to the workflow, which keeps them in step, and to the API, which
// gives a new thesis its first ones: imports no SDK of either.

import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { Stage } from '../domain/stage.ts';
import type { Status } from '../domain/thesis.ts';
import { SEARCH_ATTRIBUTES } from './contract.ts';

export const SEARCH_KEYS = {
  stage: defineSearchAttributeKey(SEARCH_ATTRIBUTES.stage.name, SEARCH_ATTRIBUTES.stage.type),
  status: defineSearchAttributeKey(SEARCH_ATTRIBUTES.status.name, SEARCH_ATTRIBUTES.status.type),
  owner: defineSearchAttributeKey(SEARCH_ATTRIBUTES.owner.name, SEARCH_ATTRIBUTES.owner.type),
  portfolio: defineSearchAttributeKey(SEARCH_ATTRIBUTES.portfolio.name, SEARCH_ATTRIBUTES.portfolio.type),
  gateOpen: defineSearchAttributeKey(SEARCH_ATTRIBUTES.gateOpen.name, SEARCH_ATTRIBUTES.gateOpen.type),
} as const;

interface Searchable {
  readonly stage: Stage;
  readonly status: Status;
  readonly owner: string;
  readonly portfolio: string;
  readonly gateOpen: boolean;
}

export function searchAttributesOf(thesis: Searchable): SearchAttributePair[] {
  return [
    { key: SEARCH_KEYS.stage, value: thesis.stage },
    { key: SEARCH_KEYS.status, value: thesis.status },
    { key: SEARCH_KEYS.owner, value: thesis.owner },
    { key: SEARCH_KEYS.portfolio, value: thesis.portfolio },
    { key: SEARCH_KEYS.gateOpen, value: thesis.gateOpen },
  ];
}
