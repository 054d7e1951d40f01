// Who may do what to whose: every write on a thesis, a gate or a key, by every role, on one's own and on another's. The
// engine is stood in for by the domain's own decision, so that its refusals are the real ones.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../api/openapi.ts';
import type { ThesesPort } from '../../api/theses-port.ts';
import { createApiKey } from '../../db/api-keys.ts';
import { appendEvents } from '../../db/ledger.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { ROLE_NAMES, type Role } from '../../domain/role.ts';
import { decide, propose } from '../../domain/thesis/decide.ts';
import { gateIdOf } from '../../domain/thesis/decide-gate.ts';
import { born, evolve } from '../../domain/thesis/evolve.ts';
import { viewOf } from '../../domain/thesis/view.ts';
import type { RecordedEvent, ThesisEvent, ThesisState } from '../../domain/thesis.ts';
import { createTestApi, memberOf, type TestApi } from '../support/api.ts';
import { COMMITTEE, contractWith, day } from '../support/small-contract.ts';
import { asks, finds, opensGate, readsOut, type Step } from '../support/thesis-steps.ts';

const OWNERSHIPS = ['own', 'theirs'] as const;
type Ownership = (typeof OWNERSHIPS)[number];

const NOW = day(8);
const EVIDENCE = 'e'.repeat(64);
const states = new Map<string, ThesisState>();
let api: TestApi;

const engine: ThesesPort = {
  async propose(thesisId) {
    return { thesisId, sequence: 2 };
  },
  async send(thesisId, command, { by, admin, commandId }) {
    const state = states.get(thesisId);
    if (state === undefined) return { refused: 'thesis_unknown', detail: thesisId };
    const decided = decide(state, command, { by, admin, commandId, via: 'update' }, NOW);
    return isRefusal(decided) ? decided : { thesisId, sequence: state.sequence + decided.length };
  },
};

beforeAll(async () => {
  api = await createTestApi({ theses: engine, now: () => new Date(NOW) });
  for (const role of ROLE_NAMES) await storeLife(thesisOf(role, 'own'), memberOf(role));
  await storeLife(thesisOf('admin', 'theirs'), 'somebody-else');
});
afterAll(() => api.close());

/** One thesis of each role's member, and one of somebody else for all. */
function thesisOf(role: Role, whose: Ownership): string {
  return whose === 'own' ? `of-${memberOf(role)}` : 'of-somebody-else';
}

/** Lives to its first open gate, at which a committee member and finance hold seats. */
async function storeLife(thesisId: string, owner: string): Promise<void> {
  const committee = {
    ...COMMITTEE,
    holders: [
      { seat: 'growth', member: memberOf('committee_member') },
      { seat: 'finance', member: memberOf('finance') },
    ],
  };
  const contract = contractWith();
  const journal: RecordedEvent[] = [];
  let state = born(thesisId, owner, contract, day(0));
  const live = (events: readonly ThesisEvent[], at = day(7), actor = owner) => {
    for (const event of events) {
      const sequence = state.sequence + 1;
      journal.push({ sequence, at, actor, commandId: null, event });
      state = { ...evolve(state, event, at), sequence };
    }
  };
  const step = ({ command, asking }: Step) => {
    const decided = decide(state, command(state, day(7)), asking, day(7));
    if (isRefusal(decided)) throw new Error(decided.detail);
    live(decided, day(7), asking.by);
  };
  live(propose(contract, asks(owner, { type: 'ExpireHold' }).asking), day(0));
  step(readsOut());
  step(finds((present, now) => ({ ...openingOf(present, now), evidenceHash: EVIDENCE, committee })));
  states.set(thesisId, state);
  const clock = { origin: day(0), rate: 1 };
  await appendEvents(api.db, { thesisId, events: journal, view: viewOf(state, day(7)), clock });
}

function openingOf(state: ThesisState, now: string) {
  const command = opensGate().command(state, now);
  if (command.type !== 'OpenGate') throw new Error('opens no gate');
  return command;
}

interface Write {
  readonly route: string;
  readonly body: (thesisId: string) => object;
  /** What each role is told, `ok` when it may; a role that is not here is told `forbidden`. */
  readonly told: Partial<Record<Role, Record<Ownership, string>>>;
}

const OWNERS = {
  growth_lead: { own: 'ok', theirs: 'not_owner' },
  admin: { own: 'ok', theirs: 'ok' },
};

/** An administrator has no more say in a decision than a seat gives. */
const SEATED = {
  committee_member: { own: 'owner_cannot_vote', theirs: 'ok' },
  finance: { own: 'owner_cannot_vote', theirs: 'ok' },
  growth_lead: { own: 'owner_cannot_vote', theirs: 'no_seat' },
  admin: { own: 'owner_cannot_vote', theirs: 'no_seat' },
};

const both = (code: string) => ({ own: code, theirs: code });

const reason = 'because';
const metric = { metric: 'clicks', from: day(1), to: day(2) };
const WRITES: readonly Write[] = [
  {
    route: 'POST /v1/theses/{thesisId}/hold',
    body: () => ({ reason, until: day(20) }),
    // While a gate is open, holding is for the committee to decide.
    told: {
      growth_lead: { own: 'not_in_this_stage', theirs: 'not_owner' },
      admin: both('not_in_this_stage'),
    },
  },
  {
    route: 'POST /v1/theses/{thesisId}/resume',
    body: () => ({ reason }),
    told: { growth_lead: { own: 'not_held', theirs: 'not_owner' }, admin: both('not_held') },
  },
  { route: 'POST /v1/theses/{thesisId}/withdraw', body: () => ({ reason }), told: OWNERS },
  {
    route: 'POST /v1/theses/{thesisId}/amend',
    body: () => ({ reason, contractVersion: 1, terms: {} }),
    told: OWNERS,
  },
  {
    route: 'POST /v1/theses/{thesisId}/evidence',
    body: () => ({ method: 'Interviews', observations: [{ ...metric, sum: '5' }] }),
    told: OWNERS,
  },
  {
    route: 'POST /v1/observations',
    body: () => [{ ...metric, sum: '5' }],
    told: OWNERS,
  },
  {
    route: 'PUT /v1/theses/{thesisId}/retex',
    body: () => ({
      summary: 'Over.',
      learnings: [{ topic: 'channel', text: 'Too dear.' }],
      tags: ['search'],
    }),
    told: {
      growth_lead: { own: 'not_in_this_stage', theirs: 'not_owner' },
      admin: both('not_in_this_stage'),
    },
  },
  {
    route: 'POST /v1/theses/{thesisId}/conditions/{conditionId}/met',
    body: () => ({}),
    told: {
      committee_member: both('condition_unknown'),
      finance: both('condition_unknown'),
      growth_lead: both('condition_unknown'),
      admin: both('condition_unknown'),
    },
  },
  {
    route: 'PUT /v1/gates/{gateId}/votes/me',
    body: () => ({ evidenceHash: EVIDENCE, ballot: 'advance' }),
    told: SEATED,
  },
  { route: 'POST /v1/gates/{gateId}/recusals', body: () => ({ reason }), told: SEATED },
  {
    route: 'POST /v1/gates/{gateId}/delegations',
    body: () => ({ to: 'ann', until: day(9) }),
    told: SEATED,
  },
];

function addressOf(route: string, thesisId: string): string {
  const state = states.get(thesisId);
  const gateId = state === undefined ? 'none' : (state.gate?.id ?? gateIdOf(state));
  const [, path = ''] = route.split(' ');
  const address = path
    .replace('{thesisId}', thesisId)
    .replace('{gateId}', gateId)
    .replace('{conditionId}', 'any');
  return address === '/v1/observations' ? `${address}?thesis=${thesisId}` : address;
}

async function toldBy(role: Role, method: string, address: string, body?: object): Promise<string> {
  const { status, body: answer } = await api.send(role, method, address, body);
  return status < 300 ? 'ok' : ((answer as { code?: string }).code ?? String(status));
}

describe.each(WRITES)('$route', ({ route, body, told }) => {
  test.each(OWNERSHIPS)('of %s', async (whose) => {
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const role of ROLE_NAMES) {
      const thesisId = thesisOf(role, whose);
      const [method = ''] = route.split(' ');
      seen[role] = await toldBy(role, method, addressOf(route, thesisId), body(thesisId));
      expected[role] = told[role]?.[whose] ?? 'forbidden';
    }
    expect(seen).toEqual(expected);
  });
});

test('the table holds every write on a thesis or a gate', () => {
  const document = JSON.parse(JSON.stringify(openApiDocument(api.app))) as { paths: Record<string, object> };
  const writes = Object.entries(document.paths).flatMap(([path, methods]) =>
    /\{thesisId\}|\{gateId\}|^\/v1\/observations/.test(path)
      ? Object.keys(methods)
          .filter((method) => method !== 'get')
          .map((method) => `${method.toUpperCase()} ${path}`)
      : [],
  );
  expect(WRITES.map(({ route }) => route).toSorted()).toEqual(writes.toSorted());
});

test('every role reads every thesis, its own or not', async () => {
  const document = JSON.parse(JSON.stringify(openApiDocument(api.app))) as { paths: Record<string, object> };
  const reads = Object.entries(document.paths)
    .filter(([path, methods]) => /\{thesisId\}|\{gateId\}/.test(path) && 'get' in methods)
    .map(([path]) => path);
  expect(reads.length).toBeGreaterThan(5);
  const hidden: string[] = [];
  for (const path of reads) {
    for (const role of ROLE_NAMES) {
      for (const whose of OWNERSHIPS) {
        const told = await toldBy(role, 'GET', addressOf(`GET ${path}`, thesisOf(role, whose)));
        // What is not there yet is not there for anybody: a draft, a decision to replay.
        if (['unauthenticated', 'forbidden', 'not_owner'].includes(told))
          hidden.push(`${path} ${role} ${whose}`);
      }
    }
  }
  expect(hidden).toEqual([]);
});

describe('keys', () => {
  test.each(ROLE_NAMES)('%s: their own, and those of another only as an administrator', async (role) => {
    const isAdmin = role === 'admin';
    for (const whose of OWNERSHIPS) {
      const memberId = whose === 'own' ? memberOf(role) : memberOf(isAdmin ? 'finance' : 'admin');
      const { key } = await createApiKey(api.db, { memberId, name: 'one', expiresAt: null });
      const may = whose === 'own' || isAdmin;
      const seen = [
        await toldBy(role, 'GET', `/v1/api-keys?member=${memberId}`),
        await toldBy(role, 'POST', '/v1/api-keys', { memberId, name: 'two', expiresAt: null }),
        await toldBy(role, 'POST', `/v1/api-keys/${key.keyId}/rotate`, {}),
        await toldBy(role, 'DELETE', `/v1/api-keys/${key.keyId}`),
      ];
      expect(seen).toEqual(
        may ? ['ok', 'ok', 'ok', 'ok'] : ['forbidden', 'forbidden', 'not_found', 'not_found'],
      );
    }
  });
});
