// Keeps Temporal's search attributes in step with the thesis, so that operators find it in Temporal's own UI and CLI.

import type { SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { viewOf } from '../domain/thesis/view.ts';
import type { ThesisState } from '../domain/thesis.ts';
import type { Clock } from './clock.ts';
import { SEARCH_ATTRIBUTES, searchAttributesOf } from './contract.ts';

export interface Publisher {
  /** Publishes the state's attributes when one of them differs from what was last published, by this run or one before. */
  publish(state: ThesisState): void;
  isPublished(state: ThesisState): boolean;
}

export function openPublisher(clock: Clock): Publisher {
  // The API gives a new thesis its first attributes, and a run that goes on from another has those of that one.
  const { typedSearchAttributes: known } = workflowInfo();
  let last = JSON.stringify(Object.values(SEARCH_ATTRIBUTES).map((key) => known.get(key)));
  const pairsOf = (state: ThesisState): SearchAttributePair[] => {
    const { stage, status, gate } = viewOf(state, clock.now());
    const { owner, contract } = state;
    return searchAttributesOf({
      stage,
      status,
      owner,
      portfolio: contract.portfolio,
      gateOpen: gate !== null,
    });
  };
  const wordsOf = (pairs: SearchAttributePair[]): string => JSON.stringify(pairs.map(({ value }) => value));
  return {
    isPublished: (state) => wordsOf(pairsOf(state)) === last,
    publish(state) {
      const pairs = pairsOf(state);
      const now = wordsOf(pairs);
      if (now === last) return;
      last = now;
      upsertSearchAttributes(pairs);
    },
  };
}
