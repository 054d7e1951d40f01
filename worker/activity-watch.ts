// Sees every attempt of every activity in this worker: counts failures for /metrics, and remembers the theses whose
// steps fail or have recovered, so that the next pass of the scan looks at them first.

import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Counter, type Registry } from 'prom-client';
import { thesisOfWorkflow } from '../workflows/contract.ts';

export interface ActivityWatch {
  readonly interceptors: ActivityInterceptorsFactory;
  /** The theses remembered since the last call, at most `limit`; they are forgotten. */
  take(limit: number): string[];
}

/** Beyond it nothing more is remembered: when everything fails, the round of the scan finds it as well. */
const MOST_REMEMBERED = 10_000;

export function watchActivities(registry: Registry): ActivityWatch {
  const failures = new Counter({
    name: 'jalon_activity_failures_total',
    help: 'Attempts of activities that failed in this worker.',
    labelNames: ['activity'],
    registers: [registry],
  });
  const remembered = new Set<string>();
  const remember = (workflowId: string): void => {
    const thesisId = thesisOfWorkflow(workflowId);
    if (thesisId !== null && remembered.size < MOST_REMEMBERED) remembered.add(thesisId);
  };
  return {
    interceptors: ({ info }) => ({
      inbound: {
        async execute(input, next) {
          const workflowId = info.workflowExecution?.workflowId ?? '';
          try {
            const result = await next(input);
            if (info.attempt > 1) remember(workflowId);
            return result;
          } catch (error) {
            failures.inc({ activity: info.activityType });
            remember(workflowId);
            throw error;
          }
        },
      },
    }),
    take(limit) {
      const taken = [...remembered].slice(0, limit);
      for (const thesisId of taken) remembered.delete(thesisId);
      return taken;
    },
  };
}
