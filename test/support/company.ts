// A company that uses the platform as production runs it: a database and a namespace of its own, a worker and an API as
// processes, members with keys, a committee, and a playbook whose stages last days while its committee has time.

import { inject, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { type ApiCaller, callerOf } from '../../cli/client.ts';
import { connect } from '../../db/connect.ts';
import { createFirstAdmin } from '../../db/first-admin.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { DAY, instant } from '../../domain/duration.ts';
import { type ThesisClock, thesisTime } from '../../domain/thesis/clock.ts';
import { freePort } from '../../local/machine.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { unhurriedContract } from './fast-time.ts';
import { ownNamespace } from './namespace.ts';
import { type RunningProcess, startProcess } from './processes.ts';

export interface Company {
  readonly apiUrl: string;
  readonly database: TestDatabase;
  /** What API and worker run with. */
  readonly env: Readonly<Record<string, string>>;
  readonly admin: ApiCaller;
  /** A key of a member: `lea` leads growth, `amina` and `bruno` hold growth, `claire` finance. */
  keyOf(member: 'admin' | 'lea' | 'amina' | 'bruno' | 'claire'): string;
  /** Sends figures of the day up to now: enough for a stage to pass. */
  feed(thesisId: string): Promise<void>;
  /** Ends the API and starts it again on the same port. */
  restartApi(): Promise<void>;
  close(): Promise<void>;
}

export const UNHURRIED = 'unhurried';

const DAYS_A_SECOND = 3;
const PATIENCE = { timeout: 120_000, interval: 100 };
const CALENDAR = { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: 'FR', daysOff: [] };

const MEMBERS = [
  ['lea', 'growth_lead', null],
  ['amina', 'committee_member', 'growth'],
  ['bruno', 'committee_member', 'growth'],
  ['claire', 'committee_member', 'finance'],
] as const;

export async function foundCompany(): Promise<Company> {
  const database = await createTestDatabase();
  const db = connect(database.url);
  await prepareDatabase(db, database.appUrl);
  const adminKey = (await createFirstAdmin(db)) ?? '';
  await db.destroy();
  const [apiPort, workerPort] = [await freePort('The API'), await freePort('The worker')];
  const env = {
    DATABASE_URL: database.appUrl,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: await ownNamespace(database.name),
    JALON_SECRET_KEY: newSecretKey(),
    JALON_CLOCK_RATE: String(DAYS_A_SECOND * 86_400),
    JALON_PORT: String(apiPort),
    JALON_WORKER_PORT: String(workerPort),
  };
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const worker = startProcess('worker', env);
  let api: RunningProcess = startProcess('api', env);
  const close = async (): Promise<void> => {
    await Promise.all([api.close(), worker.close()]);
    await database.drop();
  };
  try {
    await Promise.all([ready(apiUrl), ready(`http://127.0.0.1:${workerPort}`)]);
  } catch (error) {
    await close();
    throw error;
  }
  const admin = callerOf(apiUrl, adminKey);
  const keys = await membersOf(admin);
  return {
    apiUrl,
    database,
    env,
    admin,
    keyOf: (member) => (member === 'admin' ? adminKey : (keys.get(member) ?? '')),
    feed: (thesisId) => feed(admin, thesisId),
    async restartApi() {
      api.signal('SIGKILL');
      await api.exited;
      api = startProcess('api', env);
      await ready(apiUrl);
    },
    close,
  };
}

async function ready(url: string): Promise<void> {
  await vi.waitUntil(async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true, PATIENCE);
}

async function membersOf(admin: ApiCaller): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const [memberId, role] of MEMBERS) {
    await admin.post('/v1/members', { memberId, name: memberId, roles: [role] });
    const key = { memberId, name: 'test', expiresAt: null };
    const { token } = await admin.post<{ token: string }>('/v1/api-keys', key);
    keys.set(memberId, token);
  }
  const holders = MEMBERS.flatMap(([member, , seat]) => (seat === null ? [] : [{ seat, member }]));
  await admin.put('/v1/committees/growth-committee', { holders, calendar: CALENDAR });
  const { version: _version, ...playbook } = unhurriedContract().playbook;
  await admin.post('/v1/playbooks', { ...playbook, name: UNHURRIED });
  return keys;
}

async function feed(admin: ApiCaller, thesisId: string): Promise<void> {
  const { clock } = await admin.get<{ clock: ThesisClock }>(`/v1/theses/${thesisId}`);
  const now = Date.parse(thesisTime(clock, Date.now()));
  const period = { from: instant(now - DAY), to: instant(now), grade: 'attributed' };
  const rows = [
    { metric: 'demand_mentions', sum: '20' },
    { metric: 'spend', sum: '2', currency: 'EUR' },
    { metric: 'new_customers', sum: '1' },
  ].map((row) => ({ ...row, ...period, rowKey: `${row.metric}|${now}` }));
  await admin.stream(`/v1/observations?thesis=${thesisId}`, rows);
}
