// A contract with the parts that unit economics read: envelopes, a business case and a lifetime-value method. Its
// gates are as plain as the types allow.
import type { GatePolicy } from '../../domain/gate.ts';
import type { StagePlan } from '../../domain/playbook.ts';
import type { SealedContract } from '../../domain/thesis.ts';

/** Envelopes of 1,000, 5,000, 20,000 and 100,000 EUR, and a business case for measure and scale only. */
export function sampleContract(changed: Partial<SealedContract> = {}): SealedContract {
  return {
    version: 1,
    title: 'Refurbished phones by subscription',
    statement: 'People of 25-34 in Lyon subscribe to a refurbished phone at a CAC under 40 EUR.',
    portfolio: 'subscriptions',
    market: 'Lyon',
    channels: ['search'],
    tags: [],
    currency: 'EUR',
    playbook: {
      name: 'cmo-cycle',
      version: 1,
      title: 'The cycle',
      stages: {
        detect: plan('1000'),
        prototype: plan('5000'),
        measure: plan('20000'),
        scale: plan('100000'),
      },
      retex: { questions: [] },
    },
    sources: [],
    businessCase: {
      measure: { ...NOTHING, spend: '12000', newCustomers: '300' },
      scale: { ...NOTHING, spend: '150000', newCustomers: '4000' },
    },
    economics: { ltv: 'orders_over_horizon', ordersPerCustomer: '6', months: 12 },
    hash: 'f'.repeat(64),
    ...changed,
  };
}

const NOTHING = {
  spend: null,
  newCustomers: null,
  orders: null,
  revenue: null,
  productCost: null,
  fulfilmentCost: null,
  paymentFees: null,
  serviceCost: null,
};

const GATE: GatePolicy = {
  mode: 'committee',
  committee: 'growth-committee',
  seats: [{ seat: 'growth', count: 1, veto: false }],
  quorum: 1,
  threshold: { kind: 'majority' },
  deadline: 'P5D',
  reminders: [],
  onSilence: 'hold',
  silentHold: 'P7D',
};

function plan(envelope: string): StagePlan {
  return {
    hypothesis: 'There is a demand.',
    proof: 'People pay.',
    decision: 'go',
    tools: [],
    requiredEvidence: [],
    criteria: [],
    gate: GATE,
    cadence: 'P1D',
    minimumDuration: 'P7D',
    maximumDuration: 'P28D',
    envelope: { amount: envelope, currency: 'EUR' },
    onStopLoss: 'hold',
    maximumRefinements: 1,
    maximumExtensions: 1,
    experiment: null,
    ramp: [],
  };
}
