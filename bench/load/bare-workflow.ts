// The least that a durable command can be: a workflow that waits, and an update that runs one activity. It is what the
// platform's votes and launches are compared with.

import { condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';

export interface BareActivities {
  insert(row: { readonly id: string; readonly body: object }): Promise<void>;
}

export const RECORD = 'record';

const { insert } = proxyActivities<BareActivities>({ startToCloseTimeout: '30 seconds' });

export async function bareWorkflow(id: string): Promise<void> {
  let sequence = 0;
  setHandler(defineUpdate<number, [object]>(RECORD), async (body) => {
    sequence += 1;
    const answer = sequence;
    await insert({ id: `${id}.${sequence}`, body });
    return answer;
  });
  await condition(() => false);
}
