// One trace from the request to the row: API, workflow, activity and PostgreSQL, as a collector receives it over HTTP,
// from a worker that bundled its workflows itself and from one on a bundle built ahead of time.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { connect } from '../../db/connect.ts';
import { createFirstAdmin } from '../../db/first-admin.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { LOSER } from '../../local/demo/loser.ts';
import { freePort } from '../../local/machine.ts';
import { buildWorkflowBundle } from '../../worker/bundle.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ownNamespace } from '../support/namespace.ts';
import { type RunningProcess, startProcess } from '../support/processes.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

const PATIENCE = { timeout: 80_000, interval: 200 };

// Each case starts a worker: tens of seconds on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const spans: Span[] = [];
const started: RunningProcess[] = [];
let collector: Server;
let database: TestDatabase;
let admin: string;
let apiUrl: string;
let workerEnv: Record<string, string>;
let folder: string;

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString());
      for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  database = await createTestDatabase();
  const db = connect(database.url);
  await prepareDatabase(db, database.appUrl);
  admin = (await createFirstAdmin(db)) ?? '';
  await db.destroy();
  const env = {
    DATABASE_URL: database.appUrl,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: await ownNamespace(database.name),
    JALON_SECRET_KEY: newSecretKey(),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
  };
  const [apiPort, workerPort] = [await freePort('The API'), await freePort('The worker')];
  apiUrl = `http://127.0.0.1:${apiPort}`;
  started.push(startProcess('api', { ...env, JALON_PORT: String(apiPort) }));
  workerEnv = { ...env, JALON_WORKER_PORT: String(workerPort) };
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-bundle-'));
  await untilReady(apiUrl);
});

afterAll(async () => {
  await Promise.all(started.map((one) => one.close()));
  collector?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const WORKERS = [
  { on: 'the sources', bundles: true, more: async () => ({}) },
  {
    on: 'a bundle built ahead of time',
    bundles: false,
    async more() {
      const file = path.join(folder, 'workflow-bundle.js');
      await writeFile(file, await buildWorkflowBundle());
      return { JALON_WORKFLOW_BUNDLE: file };
    },
  },
];

test.each(WORKERS)(
  "a launch under a worker on $on is one trace, its caller's, without any value of a row",
  async ({ bundles, more }) => {
    const worker = startProcess('worker', { ...workerEnv, ...(await more()) });
    started.push(worker);
    await untilReady(`http://127.0.0.1:${workerEnv.JALON_WORKER_PORT}`);
    expect(worker.log.some(({ msg }) => msg === 'Workflow bundle created')).toBe(bundles);
    await expectOneTrace();
    // Nothing is told that an operator would have to look into.
    expect(worker.log.filter(({ level }) => Number(level) > 30)).toEqual([]);
    await worker.close();
  },
);

test('a worker that is told of a bundle that is not there says how to make it, and ends', async () => {
  const worker = startProcess('worker', {
    ...workerEnv,
    JALON_WORKFLOW_BUNDLE: path.join(folder, 'none.js'),
  });
  expect(await worker.exited).toBe(1);
  expect(worker.log).toMatchObject([{ msg: expect.stringContaining('npm run build:workflows') }]);
});

async function untilReady(url: string): Promise<void> {
  await vi.waitUntil(async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true, PATIENCE);
}

async function expectOneTrace(): Promise<void> {
  const traceId = randomUUID().replaceAll('-', '');
  const answer = await fetch(`${apiUrl}/v1/theses`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${admin}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify(LOSER.launch),
  });
  expect(answer.status).toBe(201);

  const inTrace = (): Span[] => spans.filter((span) => span.traceId === traceId);
  const insert = (): Span | undefined =>
    inTrace().find(
      // The spans arrive in any order, the request's own last of all.
      (span) =>
        isQuery(span, 'insert into "thesis_event"') &&
        ancestors(span, inTrace()).at(-1)?.name === 'POST /v1/theses',
    );
  await vi.waitUntil(() => insert() !== undefined, PATIENCE);
  const found = insert();
  const path = found === undefined ? [] : ancestors(found, inTrace()).map(({ name }) => name);
  expect(path.at(0)).toBe('RunActivity:recordEvents');
  expect(path).toEqual(expect.arrayContaining([expect.stringMatching(/^StartActivity:/)]));
  expect(path.at(-1)).toBe('POST /v1/theses');
  expect(JSON.stringify(spans)).not.toContain(admin.replace(/^jalon_[0-9a-f]{16}_/, ''));
  expect(JSON.stringify(spans)).not.toContain('lea-martin');
}

function isQuery({ attributes }: Span, start: string): boolean {
  return attributes.some(
    ({ key, value }) =>
      key === 'db.query.text' && JSON.stringify(value).includes(JSON.stringify(start).slice(1, -1)),
  );
}

/** The spans above this one, nearest first. */
function ancestors({ parentSpanId }: Span, all: readonly Span[]): Span[] {
  const parent = all.find(({ spanId }) => spanId === parentSpanId);
  return parent === undefined ? [] : [parent, ...ancestors(parent, all)];
}
