// The one home of timeouts and retries: a profile for each class of cost, with the reason for its numbers.

import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';

/**
 * Our own database: answers in milliseconds or is down. What was decided must be recorded, so it is tried for as long
 * as the outage lasts; half a minute between attempts keeps recovery quick and the load low.
 */
export const database = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/**
 * Reading other people's systems: minutes when they are slow, page by page with heartbeats, so that a dead worker is
 * noticed within a minute and the next one resumes at its page. A source that keeps failing is a status of the
 * source, returned by the activity; only our own failures are retried here.
 */
export const sources = proxyActivities<Activities>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});
