// Keeps Temporal's search attributes in step with the thesis, so that operators find it in Temporal's own UI and CLI.

import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type ThesisView, viewOf } from '../domain/thesis/view.ts';
import type { ThesisState } from '../domain/thesis.ts';
import type { Clock } from './clock.ts';
import { SEARCH_ATTRIBUTES } from './contract.ts';

const KEYS = {
  stage: defineSearchAttributeKey(SEARCH_ATTRIBUTES.stage.name, SEARCH_ATTRIBUTES.stage.type),
  status: defineSearchAttributeKey(SEARCH_ATTRIBUTES.status.name, SEARCH_ATTRIBUTES.status.type),
  owner: defineSearchAttributeKey(SEARCH_ATTRIBUTES.owner.name, SEARCH_ATTRIBUTES.owner.type),
  portfolio: defineSearchAttributeKey(SEARCH_ATTRIBUTES.portfolio.name, SEARCH_ATTRIBUTES.portfolio.type),
  gateOpen: defineSearchAttributeKey(SEARCH_ATTRIBUTES.gateOpen.name, SEARCH_ATTRIBUTES.gateOpen.type),
} as const;

export interface Publisher {
  /** Publishes the state's attributes when one of them differs from what was last published, by this run or one before. */
  publish(state: ThesisState): void;
  isPublished(state: ThesisState): boolean;
}

export function openPublisher(clock: Clock): Publisher {
  // A run that goes on from another has the attributes of that one.
  const { typedSearchAttributes: known } = workflowInfo();
  let last = `${known.get(KEYS.stage)}/${known.get(KEYS.status)}/${known.get(KEYS.gateOpen)}`;
  const wordsOf = ({ stage, status, gate }: ThesisView): string => `${stage}/${status}/${gate !== null}`;
  return {
    isPublished: (state) => wordsOf(viewOf(state, clock.now())) === last,
    publish(state) {
      const view = viewOf(state, clock.now());
      const now = wordsOf(view);
      if (now === last) return;
      last = now;
      upsertSearchAttributes([
        { key: KEYS.stage, value: view.stage },
        { key: KEYS.status, value: view.status },
        { key: KEYS.owner, value: state.owner },
        { key: KEYS.portfolio, value: state.contract.portfolio },
        { key: KEYS.gateOpen, value: view.gate !== null },
      ]);
    },
  };
}
