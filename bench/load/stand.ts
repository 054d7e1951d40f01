// The platform as the benchmarks drive it: API and worker as processes of their own over one engine, with members who
// hold keys, a committee and the quiet playbooks. No rate limit: the load is ours, and bounded.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '../../config.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { type Ask, asking } from './caller.ts';
import type { Engine } from './engine.ts';
import { COMMITTEE, quietLaunch, quietPlaybook, settlingEvidence } from './quiet-playbook.ts';

/** Whoever votes at the gates of `MANY_VOTES`; one more would decide. */
export const VOTERS = 9;

/** Playbooks by the votes that decide their gates. */
export const MANY_VOTES = { name: 'many-votes', votes: VOTERS + 1 } as const;
export const ONE_VOTE = { name: 'one-vote', votes: 1 } as const;

export interface Stand {
  readonly engine: Engine;
  readonly platform: Platform;
  readonly admin: Ask;
  readonly owner: Ask;
  readonly voters: readonly Ask[];
  stop(): Promise<void>;
}

export interface OpenGate {
  readonly thesisId: string;
  readonly gateId: string;
  readonly evidenceHash: string;
}

const CALENDAR = { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: null, daysOff: [] };

export async function startStand(engine: Engine): Promise<Stand> {
  const { databaseUrl, temporalAddress } = engine;
  // The defaults, whatever the environment says: what is measured must not depend on it.
  const config = {
    ...parseConfig({}),
    dataDir: path.join(engine.folder, 'platform'),
    port: 0,
    databaseUrl,
    temporalAddress,
    requestsPerMinute: 0,
  };
  const platform = await startPlatform(config, () => undefined);
  const { apiUrl, firstAdminToken } = platform;
  if (firstAdminToken === null) throw new Error('a new platform has a first administrator');
  const admin = asking(apiUrl, firstAdminToken);
  const join = async (memberId: string, role: string): Promise<Ask> => {
    await admin({ method: 'POST', path: '/v1/members', body: { memberId, name: memberId, roles: [role] } });
    const key = { memberId, name: 'load', expiresAt: null };
    const { token } = await admin<{ token: string }>({ method: 'POST', path: '/v1/api-keys', body: key });
    return asking(apiUrl, token);
  };
  const names = Array.from({ length: VOTERS + 1 }, (_unused, index) => `voter-${index}`);
  const voters: Ask[] = [];
  for (const name of names) voters.push(await join(name, 'committee_member'));
  const holders = names.map((member) => ({ seat: 'growth', member }));
  const committee = { holders, calendar: CALENDAR };
  await admin({ method: 'PUT', path: `/v1/committees/${COMMITTEE}`, body: committee });
  for (const { name, votes } of [MANY_VOTES, ONE_VOTE]) {
    await admin({ method: 'POST', path: '/v1/playbooks', body: quietPlaybook(name, votes) });
  }
  const owner = await join('owner', 'growth_lead');
  return { engine, platform, admin, owner, voters: voters.slice(0, VOTERS), stop: platform.stop };
}

export async function launch({ owner }: Stand, playbook: string, number: number): Promise<string> {
  const body = quietLaunch(playbook, number);
  const { thesisId } = await owner<{ thesisId: string }>({ method: 'POST', path: '/v1/theses', body });
  return thesisId;
}

/** Launches a thesis and brings it to its first gate. */
export async function launchToGate(stand: Stand, playbook: string, number: number): Promise<OpenGate> {
  const thesisId = await launch(stand, playbook, number);
  const { owner } = stand;
  const evidence = settlingEvidence(new Date());
  await owner({ method: 'POST', path: `/v1/theses/${thesisId}/evidence`, body: evidence });
  for (;;) {
    const { gateId } = await owner<{ gateId: string | null }>({
      method: 'GET',
      path: `/v1/theses/${thesisId}`,
    });
    if (gateId !== null) {
      const { evidenceHash } = await owner<OpenGate>({ method: 'GET', path: `/v1/gates/${gateId}` });
      return { thesisId, gateId, evidenceHash };
    }
    await sleep(100);
  }
}

export function vote(voter: Ask, { gateId, evidenceHash }: OpenGate): Promise<unknown> {
  const body = { evidenceHash, ballot: 'advance', probability: 0.6 };
  return voter({ method: 'PUT', path: `/v1/gates/${gateId}/votes/me`, body });
}
