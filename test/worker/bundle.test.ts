// The bundle that is built ahead of time seals what the sources seal: a thesis lives on it to its end, and the words of
// its failures are unreadable to whoever reads Temporal without the key.

import { Client, Connection } from '@temporalio/client';
import { expect, inject, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { historiesOf } from '../../local/histories.ts';
import { buildWorkflowBundle } from '../../worker/bundle.ts';
import { dataConverterOf } from '../../worker/payload-codec.ts';
import { THESIS_WORKFLOW, thesisWorkflowId } from '../../workflows/contract.ts';
import { startFastTime, unhurriedContract } from '../support/fast-time.ts';
import { quietSdk } from '../support/time-skipping.ts';

const PATIENCE = { timeout: 30_000, interval: 250 };

test.each([
  { payloads: 'sealed', keys: newSecretKey(), readable: false },
  { payloads: 'in the clear', keys: null, readable: true },
])(
  'a thesis lives to its end on it with payloads $payloads, failures included',
  async ({ keys, readable }) => {
    quietSdk('ERROR');
    const id = `bundle-${Date.now()}`;
    const dataConverter = dataConverterOf(keys);
    const time = await startFastTime({
      taskQueue: id,
      dataConverter,
      bundle: { code: await buildWorkflowBundle() },
    });
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    try {
      await time.cycle.propose(id, { ...unhurriedContract(), title: 'Sealed phones by subscription' });
      expect(await time.liveToItsEnd(id)).toMatchObject({ outcome: 'industrialised' });
      // A start without its state, on which the workflow throws.
      await time.client.workflow.start(THESIS_WORKFLOW, {
        workflowId: thesisWorkflowId(`${id}-broken`),
        taskQueue: id,
        args: [{ thesisId: `${id}-broken` }],
      });
      // As somebody reads it who has no key.
      const bare = new Client({ connection });
      const stored = await vi.waitUntil(async () => {
        const histories = [...(await historiesOf(bare, id)), ...(await historiesOf(bare, `${id}-broken`))];
        const events = histories.flatMap(({ events: all }) => all ?? []);
        return events.some((event) => event.workflowTaskFailedEventAttributes != null) ? events : null;
      }, PATIENCE);
      const text = JSON.stringify(stored);
      const payloads = [...text.matchAll(/"data":"([^"]*)"/g)].map(([, data = '']) =>
        Buffer.from(data, 'base64'),
      );
      const shown = `${text}${Buffer.concat(payloads).toString('latin1')}`;
      for (const word of ['Sealed phones', 'carried state lacks'])
        expect(shown.includes(word), word).toBe(readable);
    } finally {
      await connection.close();
      await time.close();
    }
  },
  120_000,
);
