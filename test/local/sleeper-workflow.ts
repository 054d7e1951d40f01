// A workflow that does nothing but wait, for the test of the time-skipping server.
import { sleep } from '@temporalio/workflow';

/** Sleeps one day at a time and returns how many milliseconds passed on the workflow's own clock. */
export async function sleepDays(days: number): Promise<number> {
  const start = Date.now();
  for (let day = 0; day < days; day += 1) await sleep('1 day');
  return Date.now() - start;
}
