// What Temporal keeps is unreadable without the key, keys rotate, and whole theses live on encrypted histories: with
// the failures' words sealed too, and with signals that operators send in the clear.

import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { expect, inject, test } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { historiesOf } from '../../local/histories.ts';
import { createPayloadCodec, dataConverterOf } from '../../worker/payload-codec.ts';
import { thesisWorkflowId, VOTE_SIGNAL } from '../../workflows/contract.ts';
import { ballotOf } from '../support/ballot.ts';
import { briskContract } from '../support/brisk-contract.ts';
import { VOTERS } from '../support/cycle.ts';
import { startFastTime } from '../support/fast-time.ts';

function payload(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}

test('a payload comes back as it was, and its stored form shows nothing but the id of its key; nothing is stored as it is', async () => {
  const codec = createPayloadCodec(newSecretKey());
  const plain = [
    payload({ hypothesis: 'refurbished phones' }),
    payload(new Uint8Array([1, 2])),
    payload(undefined),
  ];
  const stored = await codec.encode(plain);
  expect(stored.at(-1)).toEqual(payload(undefined));
  for (const one of stored.slice(0, -1)) {
    expect(Object.keys(one.metadata ?? {}).sort()).toEqual(['encoding', 'encryption-key-id']);
    expect(Buffer.from(one.data ?? []).toString('latin1')).not.toMatch(/hypothesis|refurbished/);
  }
  const read = await codec.decode(stored);
  expect(read.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual([
    { hypothesis: 'refurbished phones' },
    new Uint8Array([1, 2]),
    undefined,
  ]);
});

test('what is long is stored compressed, what would not get shorter is not, and both come back', async () => {
  const codec = createPayloadCodec(newSecretKey());
  const words = 'refurbished phones by subscription '.repeat(200);
  const noise = new Uint8Array(randomBytes(4_000));
  const [short, long] = await codec.encode([payload(words), payload(noise)]);
  expect(short?.data?.length).toBeLessThan(words.length / 10);
  expect(long?.data?.length).toBeLessThan(noise.length + 100);
  const read = await codec.decode([short ?? {}, long ?? {}]);
  expect(read.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual([words, noise]);
});

test('what is not encrypted is passed on, so that old histories and signals by hand are read', async () => {
  const codec = createPayloadCodec(newSecretKey());
  expect(await codec.decode([payload('plain')])).toEqual([payload('plain')]);
});

test('a new key takes over while the old one still reads, and a key that is gone is named', async () => {
  const [old, fresh] = [newSecretKey(), newSecretKey()];
  const stored = await createPayloadCodec(old).encode([payload('kept')]);
  const rotated = createPayloadCodec(`${fresh},${old}`);
  expect(await rotated.decode(stored)).toHaveLength(1);
  const again = await rotated.encode([payload('kept')]);
  await expect(createPayloadCodec(fresh).decode(again)).resolves.toHaveLength(1);
  await expect(createPayloadCodec(fresh).decode(stored)).rejects.toThrow(/which is not here/);
});

test('a payload that was changed is refused', async () => {
  const codec = createPayloadCodec(newSecretKey());
  const [stored] = await codec.encode([payload('kept')]);
  const data = Buffer.from(stored?.data ?? []);
  data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1);
  await expect(codec.decode([{ ...stored, data }])).rejects.toThrow(
    'the bytes are not those that were sealed',
  );
});

test('a thesis lives to its end on an encrypted history, its refusals typed and a signal in the clear heard', async () => {
  const keys = newSecretKey();
  const time = await startFastTime({ taskQueue: 'encrypted', dataConverter: dataConverterOf(keys) });
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  // As `temporal workflow signal` sends it: without any codec.
  const bare = new Client({ connection });
  try {
    const contract = { ...briskContract(), title: 'Sealed phones by subscription' };
    await time.cycle.propose('encrypted', contract);
    await time.demand('encrypted');
    const { gate } = await time.until('encrypted', (view) => view.gate !== null);
    const refusal = await time.cycle.send('encrypted', { type: 'Resume', reason: 'sealed reason' }, 'nobody');
    expect(isRefusal(refusal) && refusal.refused).toBe('not_owner');
    await bare.workflow.getHandle(thesisWorkflowId('encrypted')).signal(VOTE_SIGNAL, {
      ...ballotOf(gate, VOTERS[0]),
      commandId: 'by-hand',
    });
    await expect
      .poll(async () =>
        (await time.cycle.journal('encrypted')).filter(({ event }) => event.type === 'VoteCast'),
      )
      .toHaveLength(1);
    expect((await time.liveToItsEnd('encrypted')).status).toBe('closed');

    const stored = JSON.stringify(await historiesOf(bare, 'encrypted'));
    const payloads = [...stored.matchAll(/"data":"([^"]*)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64'),
    );
    expect(payloads.length).toBeGreaterThan(50);
    const readable = `${stored}${Buffer.concat(payloads).toString('latin1')}`;
    // What is in the clear on purpose: the search attributes, and the signal that came so.
    expect(readable).toContain('by-hand');
    expect(/Sealed phones|sealed reason|demand-voiced/.test(readable)).toBe(false);
  } finally {
    await connection.close();
    await time.close();
  }
});
