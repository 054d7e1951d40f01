// A release that never was: the thesis workflow under its name, doing something else.
import { sleep } from '@temporalio/workflow';

export async function thesisWorkflow(): Promise<void> {
  await sleep('500 milliseconds');
  await sleep('2 seconds');
}
