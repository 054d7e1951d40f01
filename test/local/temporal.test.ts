// The embedded Temporal server keeps its histories from one run to the next, registers what it is told to,
// and explains itself when it cannot start.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type RunningTemporal, startTemporal, type TemporalOptions } from '../../local/temporal.ts';
import { findTemporal } from '../../local/temporal-binary.ts';

let folder: string;
const running: RunningTemporal[] = [];

async function start(options: Partial<TemporalOptions>): Promise<RunningTemporal> {
  const log = () => undefined;
  const program = options.program ?? (await findTemporal({ log }));
  const logFile = path.join(folder, 'log', 'server.log');
  const server = await startTemporal({ namespace: 'bets', ...options, program, logFile, log });
  running.push(server);
  return server;
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection, namespace: 'bets' }));
  } finally {
    await connection.close();
  }
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-engine-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

test('workflows and search attributes outlive the server, its port can be kept, and it starts twice', async () => {
  const options = {
    dbFile: path.join(folder, 'data', 'temporal.db'),
    searchAttributes: { JalonStage: 'Keyword', JalonGateOpen: 'Bool' },
  } as const;
  const first = await start(options);
  await withClient(first.address, (client) =>
    client.workflow.start('anything', { workflowId: 'thesis/1', taskQueue: 'nobody' }),
  );
  await first.stop();
  const second = await start({ ...options, port: Number(first.address.split(':')[1]) });
  expect(second.address).toBe(first.address);
  await withClient(second.address, async (client) => {
    const found = await client.workflow.getHandle('thesis/1').describe();
    expect(found.status.name).toBe('RUNNING');
    const known = await client.connection.operatorService.listSearchAttributes({ namespace: 'bets' });
    expect(Object.keys(known.customAttributes ?? {})).toEqual(
      expect.arrayContaining(['JalonStage', 'JalonGateOpen']),
    );
  });
});

test('the web interface answers where the server says it does', async () => {
  const server = await start({ uiPort: 0 });
  const page = await fetch(server.uiUrl ?? '');
  expect(page.status).toBe(200);
});

test('a taken port is named before anything is started', async () => {
  const taken = Number(inject('temporalAddress').split(':')[1]);
  await expect(start({ port: taken })).rejects.toThrow(`Temporal cannot listen on 127.0.0.1:${taken}`);
});

test('a server that ends at once is reported with what it printed', async () => {
  const program = path.join(folder, 'temporal');
  await writeFile(program, '#!/bin/sh\necho the disk is full\nexit 3\n');
  await chmod(program, 0o755);
  await expect(start({ program })).rejects.toThrow(/ended at once with code 3.*the disk is full/s);
});
