// What Temporal Cloud bills of a history: https://docs.temporal.io/cloud/actions lists what counts. Heartbeats leave no
// event, and refused updates and queries none either: the first are counted elsewhere, the others cost one each.

import type protocol from '@temporalio/proto';

type History = protocol.temporal.api.history.v1.IHistory;
type Event = protocol.temporal.api.history.v1.IHistoryEvent;

export const ACTIONS = ['starts', 'timers', 'activities', 'updates', 'signals', 'search attributes'] as const;

export type Action = (typeof ACTIONS)[number];

/** Actions by kind in the runs of one workflow. */
export function actionsOf(runs: readonly History[]): Record<Action, number> {
  const counted: Record<Action, number> = {
    starts: 0,
    timers: 0,
    activities: 0,
    updates: 0,
    signals: 0,
    'search attributes': 0,
  };
  for (const { events } of runs) {
    for (const event of events ?? []) {
      const action = actionOf(event);
      if (action !== null) counted[action[0]] += action[1];
    }
  }
  return counted;
}

function actionOf(event: Event): readonly [Action, number] | null {
  // Continuing as new starts a run, and is billed as one.
  if (event.workflowExecutionStartedEventAttributes != null) return ['starts', 1];
  if (event.timerStartedEventAttributes != null) return ['timers', 1];
  // The event is written when an attempt has ended the activity, and says which one it was.
  const attempt = event.activityTaskStartedEventAttributes?.attempt;
  if (attempt != null) return ['activities', attempt];
  if (event.workflowExecutionUpdateAcceptedEventAttributes != null) return ['updates', 1];
  if (event.workflowExecutionSignaledEventAttributes != null) return ['signals', 1];
  const upserted = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  if (upserted == null) return null;
  // Those that only tell which patches a run knows are free.
  return Object.keys(upserted).every((name) => name === 'TemporalChangeVersion')
    ? null
    : ['search attributes', 1];
}
