// A playbook for load: its first gate opens as soon as evidence is declared, and then nothing happens of itself for
// ninety days, so that what is measured is what was asked for.

import type { Criterion } from '../../domain/criterion.ts';
import type { GatePolicy } from '../../domain/gate.ts';
import { money } from '../../domain/money.ts';
import type { Playbook, StagePlan } from '../../domain/playbook.ts';

export const COMMITTEE = 'load-committee';

const VOICED: Criterion = {
  id: 'demand-voiced',
  metric: 'demand_mentions',
  role: 'success',
  rule: { kind: 'threshold', comparison: 'at_least', bound: '10' },
  minimumSample: 0,
  minimumAge: 'PT0S',
  failures: 1,
  onFail: 'refine',
};

/** Decides once `votes` votes are in. */
export function quietPlaybook(name: string, votes: number): Omit<Playbook, 'version'> {
  const gate: GatePolicy = {
    mode: 'committee',
    committee: COMMITTEE,
    seats: [{ seat: 'growth', count: votes, veto: false }],
    quorum: votes,
    threshold: { kind: 'at_least', votes },
    deadline: 'P60D',
    reminders: [],
    onSilence: 'hold',
    silentHold: 'P14D',
  };
  const stage: StagePlan = {
    hypothesis: 'There is a demand.',
    proof: 'People say so.',
    decision: 'go',
    tools: [],
    requiredEvidence: ['demand_mentions'],
    criteria: [VOICED],
    gate,
    cadence: 'P90D',
    minimumDuration: 'PT0S',
    maximumDuration: 'P90D',
    envelope: money('5000', 'EUR'),
    onStopLoss: 'hold',
    maximumRefinements: 1,
    maximumExtensions: 1,
    experiment: null,
    ramp: [],
  };
  const ramp = [{ budget: money('5000', 'EUR'), soak: 'P1D' }];
  return {
    name,
    title: 'For load',
    stages: { detect: stage, prototype: stage, measure: stage, scale: { ...stage, ramp } },
    retex: { questions: [] },
  };
}

/** A launch under that playbook, with the parts that a launch usually has. */
export function quietLaunch(playbook: string, number: number): object {
  return {
    title: `Refurbished phones by subscription, ${number}`,
    statement: 'People of 25 to 34 in Lyon subscribe to a refurbished phone, at a CAC under 40 EUR.',
    portfolio: `portfolio ${number % 20}`,
    market: 'Lyon',
    channels: ['search', 'social'],
    tags: ['subscription'],
    currency: 'EUR',
    playbook: { name: playbook },
    businessCase: { scale: { spend: '5000', newCustomers: '100' } },
    economics: { ltv: 'orders_over_horizon', ordersPerCustomer: '6', months: 12 },
  };
}

/** Evidence that settles the first stage, about the minute before `now`. */
export function settlingEvidence(now: Date): object {
  const from = new Date(now.getTime() - 60_000).toISOString();
  return {
    method: 'Counted by hand',
    observations: [{ metric: 'demand_mentions', from, to: now.toISOString(), sum: '20' }],
  };
}
