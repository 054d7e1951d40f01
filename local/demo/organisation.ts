// The company of the demo: its members with their keys, its two committees, and its connection to the warehouse. Made
// through the API by its first administrator.

import { type ApiCaller, callerOf } from '../../cli/client.ts';

export interface Organisation {
  owner(memberId: string): ApiCaller;
  readonly voters: readonly ApiCaller[];
}

const LEADS = [
  ['lea-martin', 'Léa Martin'],
  ['tom-bernard', 'Tom Bernard'],
  ['ines-garcia', 'Inès García'],
] as const;

const COMMITTEE = [
  ['amina-diallo', 'Amina Diallo', 'growth'],
  ['bruno-lefevre', 'Bruno Lefèvre', 'growth'],
  ['claire-moreau', 'Claire Moreau', 'finance'],
  ['denis-petit', 'Denis Petit', 'legal'],
] as const;

const CALENDAR = { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: 'FR', daysOff: [] };

export async function prepareOrganisation(
  admin: ApiCaller,
  apiUrl: string,
  warehouse: object | null,
): Promise<Organisation> {
  const callers = new Map<string, ApiCaller>();
  const join = async (memberId: string, name: string, roles: readonly string[]): Promise<void> => {
    await admin.post('/v1/members', { memberId, name, roles });
    const { token } = await admin.post<{ token: string }>('/v1/api-keys', {
      memberId,
      name: 'demo',
      expiresAt: null,
    });
    callers.set(memberId, callerOf(apiUrl, token));
  };
  for (const [memberId, name] of LEADS) await join(memberId, name, ['growth_lead']);
  for (const [memberId, name, seat] of COMMITTEE) {
    await join(memberId, name, seat === 'finance' ? ['committee_member', 'finance'] : ['committee_member']);
  }
  const holders = COMMITTEE.map(([member, , seat]) => ({ seat, member }));
  for (const name of ['growth-committee', 'executive-committee']) {
    await admin.put(`/v1/committees/${name}`, { holders, calendar: CALENDAR });
  }
  if (warehouse !== null) await admin.put('/v1/connections/company-warehouse', warehouse);
  const callerNamed = (memberId: string): ApiCaller => {
    const caller = callers.get(memberId);
    if (caller === undefined) throw new Error(`nobody is called ${memberId}`);
    return caller;
  };
  return { owner: callerNamed, voters: COMMITTEE.map(([memberId]) => callerNamed(memberId)) };
}
