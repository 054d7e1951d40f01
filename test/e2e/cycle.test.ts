// The platform as people run it: PostgreSQL, Temporal, the worker and the API as processes, spoken to over HTTP only.
// A thesis lives from launch to retex while the worker and the API are killed, and nothing acknowledged is lost.

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiCaller, callerOf } from '../../cli/client.ts';
import { parseConfig } from '../../config.ts';
import { DAY, instant } from '../../domain/duration.ts';
import { type ThesisClock, thesisTime } from '../../domain/thesis/clock.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';
import type { RecordedEvent } from '../../domain/thesis.ts';
import { machineEnvironment } from '../../local/machine.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { killDescendant } from '../support/descendants.ts';
import { unhurriedContract } from '../support/fast-time.ts';

type Shown = ThesisView & { readonly gateId: string | null; readonly clock: ThesisClock };

/** Thesis days per real second. */
const DAYS_A_SECOND = 3;

const PLAYBOOK = 'unhurried';

const COMMITTEE = [
  ['amina', 'growth'],
  ['bruno', 'growth'],
  ['claire', 'finance'],
] as const;

const CALENDAR = { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: 'FR', daysOff: [] };

let dataDir: string;
let platform: Platform;
let owner: ApiCaller;
let tokens: Map<string, string>;
let thesisId: string;
/** Euros of spend that the API has acknowledged, one a row. */
let acknowledged = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'jalon-e2e-'));
  // PostgreSQL runs as another user where we are root, and must be able to pass.
  await chmod(dataDir, 0o755);
  const config = { ...parseConfig({}), dataDir, port: 0, clockRate: DAYS_A_SECOND * 86_400 };
  platform = await startPlatform(config, () => undefined);
  await foundCompany(callerOf(platform.apiUrl, platform.firstAdminToken ?? ''));
}, 120_000);

afterAll(async () => {
  await platform?.stop();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

test('a thesis is launched over HTTP, collects what is pushed and opens its gate', async () => {
  const { title, statement, portfolio, market, currency, economics } = unhurriedContract();
  const launched = { title, statement, portfolio, market, currency, economics };
  const answer = await owner.post<{ thesisId: string }>('/v1/theses', {
    ...launched,
    playbook: { name: PLAYBOOK },
  });
  thesisId = answer.thesisId;
  await pushDay();
  expect(await until(({ gateId }) => gateId !== null)).toMatchObject({ stage: 'detect' });
});

test('votes and figures outlive the API and the worker, and the same request again changes nothing', async () => {
  const key = randomUUID();
  const first = await vote('amina', key);
  expect(first.status).toBe(200);
  await killDescendant('api/main.ts');
  await pushDay();
  const again = await vote('amina', key);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await again.json()).toEqual(await first.json());

  // The worker dies while the deciding vote is on its way.
  const deciding = vote('bruno', randomUUID());
  await killDescendant('worker/main.ts');
  expect((await deciding).status).toBe(200);
  await until(({ stage }) => stage === 'prototype');
  const cast = (await timeline()).filter(({ type }) => type === 'VoteCast');
  expect(cast.map(({ actor }) => actor)).toEqual(['amina', 'bruno']);
  // An activity that dies with its worker is handed over after its own time limit, half a minute.
}, 120_000);

test('the thesis reaches its end, and its figures hold everything that was acknowledged', async () => {
  for (const stage of ['prototype', 'measure', 'scale'] as const) {
    await until((shown) => shown.stage === stage);
    await pushDay();
    await until((shown) => shown.stage === stage && shown.gateId !== null);
    for (const member of ['amina', 'bruno']) {
      const answer = await vote(member, randomUUID());
      expect(answer.status, await answer.text()).toBe(200);
    }
  }
  await until(({ waiting }) => waiting.sentence.startsWith('The retex is drafted'));
  await owner.put(`/v1/theses/${thesisId}/retex`, {
    summary: 'People subscribe, and go on doing so.',
    learnings: [{ topic: 'offer', text: 'A battery guarantee moved conversion more than a discount.' }],
    tags: ['subscription'],
  });
  expect(await until(({ status }) => status === 'closed')).toMatchObject({ outcome: 'industrialised' });

  for (const number of [1, 2, 3, 4]) {
    const replay = await owner.get<object>(`/v1/gates/${thesisId}.${number}/replay`);
    expect(replay).toMatchObject({ agrees: true, recorded: { decision: 'advance', by: 'votes' } });
  }
  const { items } = await owner.get<{ items: { thesisId: string }[] }>('/v1/learnings?q=battery');
  expect(items.map((found) => found.thesisId)).toEqual([thesisId]);
  const figures = await owner.get<object>(`/v1/theses/${thesisId}/unit-economics`);
  expect(figures).toMatchObject({
    total: {
      stack: { spend: { value: String(acknowledged) } },
      figures: { cac: { value: { amount: '2', currency: 'EUR' } } },
    },
  });
});

test('the ledger holds, and a row that was tampered with is named', async () => {
  expect(await verify()).toMatchObject({ code: 0, output: expect.stringContaining('The ledger holds') });
  const client = new pg.Client({ connectionString: platform.databaseOwnerUrl });
  const service = new pg.Client({ connectionString: platform.databaseUrl });
  await Promise.all([client.connect(), service.connect()]);
  try {
    const events = await timeline();
    const { sequence } = events.find(({ type }) => type === 'GateDecided') ?? { sequence: 0 };
    const tamper = `update thesis_event set data = jsonb_set(data::jsonb, '{outcome,decision}', '"kill"')
      where thesis_id = '${thesisId}' and sequence = ${sequence}`;
    await expect(service.query(tamper)).rejects.toThrow('permission denied for table thesis_event');
    await expect(client.query(tamper)).rejects.toThrow(/append-only/);
    await client.query('alter table thesis_event disable trigger user');
    await client.query(tamper);
    const { code, output } = await verify();
    expect(code).toBe(1);
    expect(output).toContain(`broken at event ${sequence} of thesis ${thesisId}`);
  } finally {
    await Promise.all([client.end(), service.end()]);
  }
});

async function foundCompany(admin: ApiCaller): Promise<void> {
  tokens = new Map();
  const members = [['lea', 'growth_lead'], ...COMMITTEE.map(([member]) => [member, 'committee_member'])];
  for (const [memberId, role] of members) {
    await admin.post('/v1/members', { memberId, name: memberId, roles: [role] });
    const key = { memberId, name: 'e2e', expiresAt: null };
    const { token } = await admin.post<{ token: string }>('/v1/api-keys', key);
    tokens.set(memberId ?? '', token);
  }
  const holders = COMMITTEE.map(([member, seat]) => ({ seat, member }));
  await admin.put('/v1/committees/growth-committee', { holders, calendar: CALENDAR });
  const { version: _version, ...playbook } = unhurriedContract().playbook;
  await admin.post('/v1/playbooks', { ...playbook, name: PLAYBOOK });
  owner = callerOf(platform.apiUrl, tokens.get('lea') ?? '');
}

function shown(): Promise<Shown> {
  return owner.get<Shown>(`/v1/theses/${thesisId}`);
}

/** Waits until the thesis shows what is wanted; the test's own time limit is the limit. */
async function until(wanted: (thesis: Shown) => boolean): Promise<Shown> {
  for (;;) {
    const thesis = await shown();
    if (wanted(thesis)) return thesis;
    await sleep(100);
  }
}

/** Figures of the day up to now: two euros of spend, one customer, and enough demand. */
async function pushDay(): Promise<void> {
  const now = Date.parse(thesisTime((await shown()).clock, Date.now()));
  const period = { from: instant(now - DAY), to: instant(now), grade: 'attributed' };
  const rows = [
    { metric: 'demand_mentions', sum: '20' },
    { metric: 'spend', sum: '2', currency: 'EUR' },
    { metric: 'new_customers', sum: '1' },
  ].map((row) => ({ ...row, ...period, rowKey: `${row.metric}|${now}` }));
  const answer = await owner.stream<{ rejected: number }>(`/v1/observations?thesis=${thesisId}`, rows);
  expect(answer).toMatchObject({ rejected: 0 });
  acknowledged += 2;
}

/**
 * Votes to advance, sent again under the same key while the platform does not answer. With a reason: a worker that
 * was killed costs thesis weeks at this rate, so a stage can be over before its figures came and recommend otherwise.
 */
async function vote(member: string, key: string): Promise<Response> {
  const { gateId } = await shown();
  const { evidenceHash } = await owner.get<{ evidenceHash: string }>(`/v1/gates/${gateId}`);
  for (;;) {
    const answer = await fetch(`${platform.apiUrl}/v1/gates/${gateId}/votes/me`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${tokens.get(member)}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ evidenceHash, ballot: 'advance', reason: 'People subscribe.' }),
    }).catch(() => null);
    if (answer !== null && answer.status < 500) return answer;
    await sleep(250);
  }
}

interface ShownEvent extends Pick<RecordedEvent, 'sequence' | 'actor'> {
  readonly type: string;
}

async function timeline(): Promise<ShownEvent[]> {
  const page = await owner.get<{ items: ShownEvent[]; next: string | null }>(
    `/v1/theses/${thesisId}/timeline?limit=200`,
  );
  expect(page.next).toBeNull();
  return page.items;
}

/** `npm run ledger:verify`, as an operator runs it beside the platform. */
function verify(): Promise<{ code: number; output: string }> {
  const cli = fileURLToPath(new URL('../../db/cli.ts', import.meta.url));
  const env = { ...machineEnvironment(), JALON_DATA_DIR: dataDir };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'verify'], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}
