// The theses: launch, list, look at, and everything that an owner may ask of one. Every write goes to the thesis's
// workflow and answers once it is recorded there and in PostgreSQL.

import { z } from '@hono/zod-openapi';
import { attentionTo } from '../db/attention.ts';
import { findConnection } from '../db/connections.ts';
import { contractVersion, currentContract } from '../db/contracts.ts';
import { findPlaybook } from '../db/playbooks.ts';
import { findThesis, listTheses, type StoredThesis } from '../db/theses.ts';
import { readJournal } from '../db/timeline.ts';
import { checkPlaybook } from '../domain/playbook/check.ts';
import type { FieldError, Refusal } from '../domain/refusal.ts';
import { STAGES } from '../domain/stage.ts';
import { ATTENTIONS } from '../domain/thesis/attention.ts';
import type { PersonCommand } from '../domain/thesis/command.ts';
import { contractFrom } from '../domain/thesis/launch.ts';
import { type Contract, type SealedContract, type SourceBinding, STATUSES } from '../domain/thesis.ts';
import { EVERY_ROLE } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { orRefuse, Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { amendmentBody, launchBody, reason } from './schemas/launch.ts';
import { instant } from './schemas/primitives.ts';
import { contractAnswer, eventAnswer, receiptAnswer, thesisAnswer } from './schemas/thesis.ts';
import { sealed } from './seal.ts';
import { sentBy } from './sent.ts';

const thesisId = z.object({ thesisId: z.string().min(1).max(100) });

const receipt = { 200: jsonAnswer(receiptAnswer, 'Recorded in the thesis and in the ledger.') };

export function registerTheses(app: Api, deps: ApiDeps): void {
  registerReads(app);
  registerLaunch(app, deps);
  registerOwnerCommands(app, deps);
}

function registerReads(app: Api): void {
  app.openapi(
    route({
      method: 'get',
      path: '/v1/theses',
      summary: 'List theses, newest first',
      roles: EVERY_ROLE,
      request: {
        query: pageQuery.extend({
          stage: z.enum(STAGES).optional(),
          status: z.enum(STATUSES).optional(),
          owner: z.string().max(100).optional(),
          portfolio: z.string().max(200).optional(),
          needsAttention: z.enum(['true', 'false']).optional(),
        }),
      },
      responses: { 200: jsonAnswer(pageOf(thesisAnswer), 'A page of theses.') },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      const after = cursorKey(cursor, 'instant', 'text');
      const rows = await listTheses(c.var.db, filter, { after, limit: limit + 1 });
      const { items, next } = page(rows, limit, (row) => [row.proposedAt, row.thesisId]);
      return c.json({ items: await shown(c, items), next }, 200);
    },
  );
  app.openapi(
    route({
      method: 'get',
      path: '/v1/theses/{thesisId}',
      summary: 'Where a thesis is, since when, what it waits for, for whom, until when',
      roles: EVERY_ROLE,
      request: { params: thesisId },
      responses: { 200: jsonAnswer(thesisAnswer, 'The thesis as it stands.') },
    }),
    async (c) => {
      const [thesis] = await shown(c, [await thesisOf(c, c.req.valid('param').thesisId)]);
      if (thesis === undefined) throw new TypeError('one thesis shows as one');
      return c.json(thesis, 200);
    },
  );
  app.openapi(
    route({
      method: 'get',
      path: '/v1/theses/{thesisId}/contract',
      summary: 'The sealed contract, present or of a version',
      roles: EVERY_ROLE,
      request: {
        params: thesisId,
        query: z.object({ version: z.coerce.number().int().min(1).max(10_000).optional() }),
      },
      responses: { 200: jsonAnswer(contractAnswer, 'The contract with its hash.') },
    }),
    async (c) => {
      const thesis = await thesisOf(c, c.req.valid('param').thesisId);
      const { version = thesis.view.contractVersion } = c.req.valid('query');
      if (version > thesis.view.contractVersion) {
        throw new Problem('not_found', `The contract is at version ${thesis.view.contractVersion}.`);
      }
      const { hash, ...contract } = await contractVersion(c.var.db, thesis.thesisId, version);
      return c.json({ version, hash, contract }, 200);
    },
  );
  app.openapi(
    route({
      method: 'get',
      path: '/v1/theses/{thesisId}/timeline',
      summary: 'Everything that happened to a thesis, in order',
      roles: EVERY_ROLE,
      request: { params: thesisId, query: pageQuery },
      responses: { 200: jsonAnswer(pageOf(eventAnswer), 'A page of its journal.') },
    }),
    async (c) => {
      const thesis = await thesisOf(c, c.req.valid('param').thesisId);
      const { limit, cursor } = c.req.valid('query');
      const after = Number(cursorKey(cursor, 'integer')?.[0] ?? 0);
      const events = await readJournal(c.var.db, thesis.thesisId, { after, limit: limit + 1 });
      const { items, next } = page(events, limit, (event) => [String(event.sequence)]);
      const shownEvents = items.map(({ event, sequence, at, actor }) => {
        const { type, ...data } = event;
        return { sequence, at, actor, type, data };
      });
      return c.json({ items: shownEvents, next }, 200);
    },
  );
}

function registerLaunch(app: Api, deps: ApiDeps): void {
  app.openapi(
    route({
      method: 'post',
      path: '/v1/theses',
      summary: 'Propose a growth thesis: seal its contract and start its cycle',
      roles: ['growth_lead', 'admin'],
      request: { body: jsonBody(launchBody) },
      responses: { 201: jsonAnswer(receiptAnswer, 'The thesis lives; its contract is sealed.') },
    }),
    async (c) => {
      const contract = await launched(c, deps, c.req.valid('json'));
      const clock = { origin: c.var.now().toISOString(), rate: deps.clockRate };
      const id = c.var.reservedId;
      const answer = orRefuse(await deps.theses.propose(id, contract, clock, sentBy(c)));
      c.header('location', `/v1/theses/${id}`);
      return c.json(answer, 201);
    },
  );
  app.openapi(
    route({
      method: 'post',
      path: '/v1/launch-checks',
      summary: 'Whether a launch would be taken, and the contract it would seal; nothing is launched',
      roles: ['growth_lead', 'admin'],
      idempotent: 'computation',
      request: { body: jsonBody(launchBody) },
      responses: { 200: jsonAnswer(contractAnswer, 'It would be taken, with this contract.') },
    }),
    async (c) => {
      const { hash, ...contract } = await launched(c, deps, c.req.valid('json'));
      return c.json({ version: contract.version, hash, contract }, 200);
    },
  );
  app.openapi(
    route({
      method: 'post',
      path: '/v1/theses/{thesisId}/amend',
      summary: 'Amend the sealed contract: a new version, printed on every later file; open votes are void',
      roles: ['growth_lead', 'admin'],
      request: { params: thesisId, body: jsonBody(amendmentBody) },
      responses: receipt,
    }),
    async (c) => {
      const thesis = await thesisOf(c, c.req.valid('param').thesisId);
      const { reason: why, contractVersion: version, terms } = c.req.valid('json');
      const present = await currentContract(c.var.db, thesis.thesisId);
      const { hash: _hash, playbook, ...rest } = present;
      const contract = sealed(framed(contractFrom({ ...rest, terms }, playbook, version + 1)));
      return c.json(await send(deps, c, thesis.thesisId, { type: 'Amend', contract, reason: why }), 200);
    },
  );
}

function registerOwnerCommands(app: Api, deps: ApiDeps): void {
  const command = <S extends z.ZodType>(
    name: string,
    summary: string,
    body: S,
    toCommand: (input: z.output<S>) => PersonCommand,
  ): void => {
    const declared = route({
      method: 'post',
      path: `/v1/theses/{thesisId}/${name}`,
      summary,
      roles: ['growth_lead', 'admin'],
      request: { params: thesisId, body: jsonBody(body) },
      responses: receipt,
    });
    app.openapi(declared, async (c) => {
      const thesis = await thesisOf(c, c.req.param('thesisId') ?? '');
      const input: z.output<S> = body.parse(await c.req.json());
      return c.json(await send(deps, c, thesis.thesisId, toCommand(input)), 200);
    });
  };
  command(
    'hold',
    'Put a thesis on hold, with a reason and an expiry',
    z.strictObject({ reason, until: instant }),
    (input) => ({ type: 'Hold', ...input }),
  );
  command('resume', 'Resume a thesis that is on hold', z.strictObject({ reason }), (input) => ({
    type: 'Resume',
    ...input,
  }));
  command('withdraw', 'Withdraw a thesis: it goes to its retex', z.strictObject({ reason }), (input) => ({
    type: 'Withdraw',
    ...input,
  }));
}

/** The sealed contract that a launch makes, or why it makes none. */
async function launched(
  c: ApiContext,
  deps: ApiDeps,
  { playbook: wanted, ...launch }: z.output<typeof launchBody>,
): Promise<SealedContract> {
  const playbook = await findPlaybook(c.var.db, wanted.name, wanted.version ?? null);
  if (playbook === null)
    throw new Problem('playbook_unknown', `${wanted.name} ${wanted.version ?? ''}`.trim());
  const contract = sealed(framed(contractFrom(launch, playbook, 1)));
  refuseFields(await bindingErrors(c, deps, contract.sources));
  return contract;
}

/** What is wrong with the warehouse sources: a connection that does not exist, or that cannot give what is bound. */
async function bindingErrors(
  c: ApiContext,
  { checkBinding }: ApiDeps,
  sources: readonly SourceBinding[],
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  for (const [index, source] of sources.entries()) {
    if (source.connection === null) continue;
    const connection = await findConnection(c.var.db, source.connection);
    const found =
      connection === null
        ? [{ path: 'connection', message: `There is no connection ${source.connection}.` }]
        : checkBinding(source, connection);
    errors.push(...found.map(({ path, message }) => ({ path: `sources[${index}].${path}`, message })));
  }
  return errors;
}

/** The contract, once its playbook with the thesis's own terms still holds together. */
function framed(contract: Contract | Refusal): Contract {
  const made = orRefuse(contract);
  refuseFields(
    checkPlaybook(made.playbook).map(({ path, message }) => ({ path: `playbook.${path}`, message })),
  );
  return made;
}

/** The thesis, or 404. */
export async function thesisOf(c: ApiContext, id: string): Promise<StoredThesis> {
  const thesis = await findThesis(c.var.db, id);
  if (thesis === null) throw new Problem('thesis_unknown', `No thesis ${id}.`);
  return thesis;
}

/** Sends a command on behalf of the caller; a refusal becomes its problem. */
export async function send(deps: ApiDeps, c: ApiContext, id: string, command: PersonCommand) {
  return orRefuse(await deps.theses.send(id, command, sentBy(c)));
}

async function shown(c: ApiContext, theses: readonly StoredThesis[]) {
  const noted = await attentionTo(
    c.var.db,
    theses.map(({ thesisId: id }) => id),
  );
  return theses.map(({ view, ...thesis }) => {
    const { gate, ...rest } = view;
    const attention = noted
      .filter((one) => one.thesisId === thesis.thesisId)
      .map(({ thesisId: _id, ...one }) => ({ ...one, ...ATTENTIONS[one.kind] }));
    return { ...thesis, ...rest, gateId: gate?.id ?? null, attention };
  });
}
