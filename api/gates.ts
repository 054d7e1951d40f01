// The gates: what waits for me, the file of one, and the vote. A vote goes to the thesis's workflow and answers once
// it is recorded.

import { z } from '@hono/zod-openapi';
import { findPack } from '../db/evidence-packs.ts';
import { findGate, listOpenGates, type StoredGate, votesAt } from '../db/gates.ts';
import { readJournal } from '../db/timeline.ts';
import { replayGate } from '../domain/gate/replay.ts';
import { tally } from '../domain/gate/tally.ts';
import { thesisTime } from '../domain/thesis/clock.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { delegationBody, gateAnswer, gateFileAnswer, replayAnswer, voteBody } from './schemas/gate.ts';
import { reason } from './schemas/launch.ts';
import { receiptAnswer } from './schemas/thesis.ts';
import { send } from './theses.ts';

const gateParam = z.object({ gateId: z.string().min(3).max(120) });

const receipt = { 200: jsonAnswer(receiptAnswer, 'Recorded in the thesis and in the ledger.') };

export function registerGates(app: Api, deps: ApiDeps): void {
  registerReads(app);
  registerVotes(app, deps);
}

function registerReads(app: Api): void {
  app.openapi(
    route({
      method: 'get',
      path: '/v1/gates',
      summary: 'Open gates, the most urgent first; `for=me` for those that wait for you',
      roles: EVERY_ROLE,
      request: { query: pageQuery.extend({ for: z.enum(['me', 'anyone']).default('anyone') }) },
      responses: { 200: jsonAnswer(pageOf(gateAnswer), 'A page of open gates.') },
    }),
    async (c) => {
      const { limit, cursor, for: whom } = c.req.valid('query');
      const after = cursorKey(cursor, 'instant', 'text');
      const member = whom === 'me' ? c.var.member.memberId : null;
      const rows = await listOpenGates(c.var.db, member, { after, limit: limit + 1 });
      const { items, next } = page(rows, limit, (gate) => [gate.deadline, gate.gateId]);
      return c.json({ items: items.map(shown), next }, 200);
    },
  );
  app.openapi(
    route({
      method: 'get',
      path: '/v1/gates/{gateId}',
      summary: 'The file of a gate: evidence, votes, quorum, outcome',
      roles: EVERY_ROLE,
      request: { params: gateParam },
      responses: { 200: jsonAnswer(gateFileAnswer, 'The gate as it stands.') },
    }),
    async (c) => {
      const stored = await gateOf(c, c.req.valid('param').gateId);
      const { gate } = stored;
      const votes = await votesAt(c.var.db, stored.gateId);
      const standing =
        stored.decidedAt === null ? tally(gate, thesisTime(stored.clock, c.var.now().getTime())) : null;
      const file = {
        ...shown(stored),
        policy: gate.policy,
        committee: gate.committee,
        quorum: standing?.quorum ?? null,
        blocked: standing?.blocked ?? null,
        votes: votes.map(({ vote, voidedAt }) => ({ ...vote, voidedAt })),
        delegations: gate.delegations,
        recused: gate.recused,
        evidence: (await findPack(c.var.db, stored.gateId, stored.evidenceHash)) ?? null,
      };
      return c.json(file, 200);
    },
  );
  app.openapi(
    route({
      method: 'get',
      path: '/v1/gates/{gateId}/replay',
      summary: 'Recompute a past decision from its stored inputs',
      roles: EVERY_ROLE,
      request: { params: gateParam },
      responses: {
        200: jsonAnswer(replayAnswer, 'Whether the recomputed outcome agrees with the recorded one.'),
      },
    }),
    async (c) => {
      const stored = await gateOf(c, c.req.valid('param').gateId);
      if (stored.decidedAt === null)
        throw new Problem('gate_not_open', `${stored.gateId} is not decided yet.`);
      const journal = await readJournal(c.var.db, stored.thesisId);
      return c.json(replayGate(stored.gateId, journal), 200);
    },
  );
}

function registerVotes(app: Api, deps: ApiDeps): void {
  app.openapi(
    route({
      method: 'put',
      path: '/v1/gates/{gateId}/votes/me',
      summary: 'Cast or change your vote',
      roles: ['committee_member', 'finance', 'growth_lead', 'admin'],
      request: { params: gateParam, body: jsonBody(voteBody) },
      responses: receipt,
    }),
    async (c) => {
      const { gateId, thesisId } = await gateOf(c, c.req.valid('param').gateId);
      const { conditions, ...ballot } = c.req.valid('json');
      const vote = {
        ...ballot,
        gateId,
        member: c.var.member.memberId,
        conditions: conditions.map((condition, index) => ({
          ...condition,
          id: `${c.var.reservedId}-${index + 1}`,
        })),
      };
      return c.json(await send(deps, c, thesisId, { type: 'DecideGate', vote }), 200);
    },
  );
  app.openapi(
    route({
      method: 'post',
      path: '/v1/gates/{gateId}/delegations',
      summary: 'Lend your seat at this gate to another member, until a date',
      roles: ['committee_member', 'finance', 'growth_lead', 'admin'],
      request: { params: gateParam, body: jsonBody(delegationBody) },
      responses: receipt,
    }),
    async (c) => {
      const { gateId, thesisId } = await gateOf(c, c.req.valid('param').gateId);
      const command = { type: 'DelegateSeat', gateId, ...c.req.valid('json') } as const;
      return c.json(await send(deps, c, thesisId, command), 200);
    },
  );
  app.openapi(
    route({
      method: 'post',
      path: '/v1/gates/{gateId}/recusals',
      summary: 'Recuse yourself: you do not vote, and the quorum counts without you',
      roles: ['committee_member', 'finance', 'growth_lead', 'admin'],
      request: { params: gateParam, body: jsonBody(z.strictObject({ reason })) },
      responses: receipt,
    }),
    async (c) => {
      const { gateId, thesisId } = await gateOf(c, c.req.valid('param').gateId);
      const command = { type: 'Recuse', gateId, reason: c.req.valid('json').reason } as const;
      return c.json(await send(deps, c, thesisId, command), 200);
    },
  );
  app.openapi(
    route({
      method: 'post',
      path: '/v1/theses/{thesisId}/conditions/{conditionId}/met',
      summary: 'Declare a condition of a go met: its owner only',
      roles: ['committee_member', 'finance', 'growth_lead', 'admin'],
      request: { params: z.object({ thesisId: z.string().max(100), conditionId: z.string().max(100) }) },
      responses: receipt,
    }),
    async (c) => {
      const { thesisId, conditionId } = c.req.valid('param');
      return c.json(await send(deps, c, thesisId, { type: 'MeetCondition', conditionId }), 200);
    },
  );
}

async function gateOf(c: ApiContext, gateId: string): Promise<StoredGate> {
  const gate = await findGate(c.var.db, gateId);
  if (gate === null) throw new Problem('gate_unknown', `No gate ${gateId}.`);
  return gate;
}

function shown({ gate: _gate, clock: _clock, ...stored }: StoredGate) {
  return { ...stored, decision: stored.outcome?.decision ?? null };
}
