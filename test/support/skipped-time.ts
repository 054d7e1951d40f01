// A cycle on a Temporal server that skips time, with the verbs that tests of whole lives read by: let days pass, wait
// for a gate, look at what was recorded.

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type Instant, instant } from '../../domain/duration.ts';
import type { Gate } from '../../domain/gate.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';
import type { RecordedEvent, ThesisEventType } from '../../domain/thesis.ts';
import { registerSearchAttributes } from '../../worker/search-attributes.ts';
import { type Cycle, daily, startCycle } from './cycle.ts';
import { createTimeSkippingEnvironment } from './time-skipping.ts';

export interface SkippedTime {
  readonly environment: TestWorkflowEnvironment;
  readonly cycle: Cycle;
  now(): Promise<Instant>;
  /** Lets days pass one by one; at the end of each, `eachDay` may send its figures. */
  days(count: number, eachDay?: (now: Instant) => Promise<void>): Promise<void>;
  /** Lets time pass until the thesis shows what is wanted, at most sixty days. */
  until(thesisId: string, wanted: (view: ThesisView) => boolean): Promise<ThesisView>;
  untilGate(thesisId: string): Promise<Gate>;
  /** Sends enough for the brisk contract's criterion to pass, or with `sum` to fail. */
  demand(thesisId: string, sum?: string): Promise<void>;
  close(): Promise<void>;
}

/** A step of waiting: shorter than any cadence or deadline of the tests. */
const STEP = '6 hours';
const MOST_STEPS = 4 * 60;

export async function startSkippedTime(taskQueue: string): Promise<SkippedTime> {
  const environment = await createTimeSkippingEnvironment();
  await registerSearchAttributes(environment.nativeConnection, 'default');
  const cycle = await startCycle({
    client: environment.client,
    connection: environment.nativeConnection,
    namespace: 'default',
    taskQueue,
    now: () => environment.currentTimeMs(),
  });
  const now = async (): Promise<Instant> => instant(await environment.currentTimeMs());
  const until: SkippedTime['until'] = async (thesisId, wanted) => {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const { view } = await cycle.thesis(thesisId);
      if (wanted(view)) return view;
      await environment.sleep(STEP);
    }
    const { view } = await cycle.thesis(thesisId);
    throw new Error(`sixty days of ${thesisId} did not bring it: ${JSON.stringify(view.waiting)}`);
  };
  return {
    environment,
    cycle,
    now,
    until,
    async days(count, eachDay) {
      for (let day = 0; day < count; day += 1) {
        await environment.sleep('1 day');
        await eachDay?.(await now());
      }
    },
    async untilGate(thesisId) {
      const { gate } = await until(thesisId, (view) => view.gate !== null && view.gate.evidenceHash !== '');
      if (gate === null) throw new Error(`the gate of ${thesisId} is gone`);
      return gate;
    },
    async demand(thesisId, sum = '20') {
      const at = await now();
      await cycle.observe(thesisId, daily('demand_mentions', 1, at, { sum }), at);
    },
    async close() {
      await cycle.close();
      await environment.teardown();
    },
  };
}

export type EventOf<T extends ThesisEventType> = Extract<RecordedEvent['event'], { type: T }>;

/** The events of one type, in order. */
export function eventsOf<T extends ThesisEventType>(
  journal: readonly RecordedEvent[],
  type: T,
): EventOf<T>[] {
  return journal.map(({ event }) => event).filter((event): event is EventOf<T> => event.type === type);
}
