// Gives a test the whole API in process, on a migrated database of its own, with one member and one key per role. The
// API has the application's login, the test itself the owner's.
import { Buffer } from 'node:buffer';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import { newWebhookSecret } from '../../activities/webhooks/signature.ts';
import { createApp } from '../../api/app.ts';
import type { Api } from '../../api/context.ts';
import type { AccessPolicy, ApiDeps } from '../../api/deps.ts';
import { EVENT_STREAM } from '../../api/event-stream.ts';
import type { ThesesPort } from '../../api/theses-port.ts';
import { createApiKey } from '../../db/api-keys.ts';
import { connect, type Db } from '../../db/connect.ts';
import { addMember } from '../../db/members.ts';
import { migrate } from '../../db/migrate.ts';
import { applyPrivileges } from '../../db/privileges.ts';
import { loginOf } from '../../db/roles.ts';
import { ROLE_NAMES, type Role } from '../../domain/role.ts';
import { createTestDatabase } from './database.ts';

export interface TestApi {
  readonly app: Api;
  /** As the owner of the tables, for what a test puts there or looks at. */
  readonly db: Db;
  /** As the API itself connects. */
  readonly appDb: Db;
  /** Lines that the API logged. */
  readonly logged: string[];
  /** A bearer token per role; the members are named like their roles, with a hyphen: `growth-lead`. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** Sends a request as the holder of a role (null: without a key), writes with a new Idempotency-Key. */
  send(
    as: Role | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null when there is none, and of a stream, which is left at once. */
  readonly body: unknown;
}

/** The member id of the role's member. */
export function memberOf(role: Role): string {
  return role.replaceAll('_', '-');
}

/** The API over stand-ins for what is not PostgreSQL; `overrides` puts others in their place. */
export async function createTestApi(overrides: Partial<ApiDeps> = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const db = connect(database.url, { poolSize: 6, name: 'api-test' });
  await migrate(db);
  await applyPrivileges(db, loginOf(database.appUrl));
  const appDb = connect(database.appUrl, { poolSize: 6, name: 'api-test-app' });
  const logged: string[] = [];
  const app = createApp({
    db: appDb,
    theses: NO_ENGINE,
    clockRate: 1,
    secretBox: { seal: (plain) => Buffer.from(`sealed:${plain.length}`) },
    access: OPEN_ACCESS,
    log: pino({ level: 'info' }, { write: (line: string) => logged.push(line) }),
    now: () => new Date(),
    checkCalendar: () => [],
    checkQueries: () => [],
    checkBinding: () => [],
    webhooks: { targetFault: async () => null, newSecret: newWebhookSecret },
    readiness: async () => ({ ready: true, checks: {} }),
    ...overrides,
  });
  const tokens = await keysOf(db);
  return {
    app,
    db,
    appDb,
    logged,
    tokens,
    send: (as, method, path, body, headers) =>
      send(app, as === null ? null : tokens[as], { method, path, body, headers }),
    async close() {
      await Promise.all([db.destroy(), appDb.destroy()]);
      await database.drop();
    },
  };
}

/** Keys only, and no limit that a test would reach by accident. */
export const OPEN_ACCESS: AccessPolicy = {
  oidc: null,
  trustedProxies: 0,
  requestsPerMinute: 100_000,
  failedAttempts: 10_000,
};

/** Answers every command as a thesis that nobody knows. */
const NO_ENGINE: ThesesPort = {
  propose: async (thesisId) => ({ refused: 'thesis_unknown', detail: thesisId }),
  send: async (thesisId) => ({ refused: 'thesis_unknown', detail: thesisId }),
};

async function keysOf(db: Db): Promise<Record<Role, string>> {
  const tokens = { growth_lead: '', committee_member: '', finance: '', auditor: '', admin: '' };
  for (const role of ROLE_NAMES) {
    const memberId = memberOf(role);
    await addMember(db, { memberId, name: role, roles: [role] });
    const { token } = await createApiKey(db, { memberId, name: 'test', expiresAt: null });
    tokens[role] = token;
  }
  return tokens;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string> | undefined;
}

async function send(app: Api, token: string | null, sent: Sent): Promise<Answer> {
  const headers = new Headers(sent.headers);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  if (sent.method !== 'GET' && !headers.has('idempotency-key')) headers.set('idempotency-key', uuidv7());
  const init: RequestInit = { method: sent.method, headers };
  if (sent.body !== undefined) {
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    init.body = typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body);
  }
  const response = await app.request(sent.path, init);
  const { status, headers: sentBack } = response;
  if (sentBack.get('content-type') === EVENT_STREAM) {
    await response.body?.cancel();
    return { status, headers: sentBack, body: null };
  }
  return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
