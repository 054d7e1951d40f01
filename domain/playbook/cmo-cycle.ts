// The built-in playbook `cmo-cycle`: the method's own table of hypothesis, proof and decision per stage, with
// durations, gates and bounds that a first thesis can run on. A thesis sets its own targets at launch.

import type { Criterion } from '../criterion.ts';
import type { GatePolicy } from '../gate.ts';
import { type Money, money } from '../money.ts';
import type { ExperimentPlan, Playbook, StagePlan } from '../playbook.ts';

const euros = (amount: string): Money => money(amount, 'EUR');

/** What most criteria share; each states what is its own. */
const criterion = { role: 'success', failures: 1, minimumAge: 'P7D', onFail: 'kill' } as const;

const gate = {
  mode: 'committee',
  committee: 'growth-committee',
  quorum: 2,
  threshold: { kind: 'majority' },
  deadline: 'P5D',
  reminders: ['P2D', 'P1D'],
  silentHold: 'P14D',
} as const satisfies Partial<GatePolicy>;

const growth = { seat: 'growth', count: 2, veto: false } as const;
const finance = { seat: 'finance', count: 1, veto: false } as const;
const legal = { seat: 'legal', count: 1, veto: false, aboveSpend: euros('50000') } as const;

const detect: StagePlan = {
  hypothesis: 'Latent demand',
  proof: 'Interviews, social listening',
  decision: 'Go test',
  tools: ['Sprinklr'],
  requiredEvidence: ['interviews', 'interviews_with_need', 'demand_mentions'],
  criteria: [
    {
      ...criterion,
      id: 'need-rate',
      metric: 'need_rate',
      rule: { kind: 'threshold', comparison: 'at_least', bound: '0.4' },
      minimumSample: 12,
    },
    {
      ...criterion,
      id: 'demand-voiced',
      metric: 'demand_mentions',
      rule: { kind: 'threshold', comparison: 'at_least', bound: '200' },
      minimumSample: 0,
      minimumAge: 'P14D',
      onFail: 'refine',
    },
  ],
  gate: { ...gate, seats: [growth, finance], onSilence: 'kill' },
  cadence: 'P1D',
  minimumDuration: 'P7D',
  maximumDuration: 'P28D',
  envelope: euros('5000'),
  onStopLoss: 'kill',
  maximumRefinements: 1,
  maximumExtensions: 1,
  experiment: null,
  ramp: [],
};

const prototype: StagePlan = {
  hypothesis: 'Paid interest',
  proof: 'CTR, CVR',
  decision: 'Refine',
  tools: ['Meta', 'LinkedIn'],
  requiredEvidence: ['impressions', 'clicks', 'visitors', 'conversions', 'spend'],
  criteria: [
    {
      ...criterion,
      id: 'ctr-floor',
      metric: 'ctr',
      rule: { kind: 'threshold', comparison: 'at_least', bound: '0.01', confidence: 0.9 },
      minimumSample: 20_000,
      onFail: 'refine',
    },
    {
      ...criterion,
      id: 'cvr-floor',
      metric: 'cvr',
      rule: { kind: 'threshold', comparison: 'at_least', bound: '0.02', confidence: 0.9 },
      minimumSample: 1_000,
      onFail: 'refine',
    },
    {
      ...criterion,
      id: 'cac-ceiling',
      metric: 'cac',
      role: 'stop_loss',
      rule: { kind: 'threshold', comparison: 'at_most', bound: '150' },
      minimumSample: 30,
    },
  ],
  gate: { ...gate, seats: [growth, finance], onSilence: 'kill' },
  cadence: 'P1D',
  minimumDuration: 'P14D',
  maximumDuration: 'P42D',
  envelope: euros('15000'),
  onStopLoss: 'hold',
  maximumRefinements: 2,
  maximumExtensions: 1,
  experiment: null,
  ramp: [],
};

const offerTest: ExperimentPlan = {
  kind: 'ab',
  control: 'control',
  treatments: ['treatment'],
  unit: 'visitor',
  primaryMetric: 'cvr',
  minimumEffect: '0.1',
  alpha: 0.05,
  power: 0.8,
  plannedUnits: 80_000,
  weights: { control: 0.5, treatment: 0.5 },
  method: 'group_sequential',
  grade: 'randomised',
};

const measure: StagePlan = {
  hypothesis: 'Perceived value',
  proof: 'NPS, willingness to pay',
  decision: 'Go scale',
  tools: ['Salesforce'],
  requiredEvidence: ['visitors', 'conversions', 'revenue_per_visitor', 'nps', 'willingness_to_pay'],
  criteria: [
    {
      ...criterion,
      id: 'cvr-lift',
      metric: 'cvr',
      rule: { kind: 'versus_control' },
      minimumSample: 8_000,
      minimumAge: 'P14D',
      onFail: 'refine',
    },
    {
      ...criterion,
      id: 'nps-floor',
      metric: 'nps',
      rule: { kind: 'threshold', comparison: 'at_least', bound: '0.2' },
      minimumSample: 100,
      minimumAge: 'P14D',
      onFail: 'refine',
    },
    {
      ...criterion,
      id: 'willingness-to-pay',
      metric: 'willingness_to_pay',
      rule: { kind: 'threshold', comparison: 'at_least', bound: '25' },
      minimumSample: 100,
      minimumAge: 'P14D',
      onFail: 'refine',
    },
    {
      ...criterion,
      id: 'revenue-kept',
      metric: 'revenue_per_visitor',
      role: 'guardrail',
      rule: { kind: 'non_inferiority', margin: '0.05' },
      minimumSample: 8_000,
      minimumAge: 'P14D',
    },
  ],
  gate: { ...gate, seats: [growth, finance, legal], onSilence: 'hold' },
  cadence: 'P1D',
  minimumDuration: 'P28D',
  maximumDuration: 'P56D',
  envelope: euros('60000'),
  onStopLoss: 'hold',
  maximumRefinements: 1,
  maximumExtensions: 2,
  experiment: offerTest,
  ramp: [],
};

const scaleCriteria: readonly Criterion[] = [
  {
    ...criterion,
    id: 'contribution-margin',
    metric: 'contribution_margin',
    rule: { kind: 'threshold', comparison: 'at_least', bound: '0' },
    minimumSample: 200,
    minimumAge: 'P28D',
  },
  {
    ...criterion,
    id: 'contribution-rate',
    metric: 'contribution_margin_rate',
    role: 'guardrail',
    rule: { kind: 'threshold', comparison: 'at_least', bound: '0.1', hardBound: '0' },
    minimumSample: 100,
    failures: 3,
  },
  {
    ...criterion,
    id: 'cac-guardrail',
    metric: 'cac',
    role: 'guardrail',
    rule: { kind: 'threshold', comparison: 'at_most', bound: '40', hardBound: '55' },
    minimumSample: 100,
    failures: 3,
  },
];

const scale: StagePlan = {
  hypothesis: 'Unit economics',
  proof: 'Contribution margin',
  decision: 'Roll-out',
  tools: ['Google Marketing Platform'],
  requiredEvidence: ['spend', 'new_customers', 'orders', 'revenue', 'product_cost'],
  criteria: scaleCriteria,
  gate: {
    ...gate,
    seats: [growth, { ...finance, veto: true }, legal],
    onSilence: 'escalate',
    escalation: { committee: 'executive-committee', deadline: 'P5D' },
    againstRecommendation: { seat: 'finance' },
  },
  cadence: 'P1D',
  minimumDuration: 'P42D',
  maximumDuration: 'P90D',
  envelope: euros('400000'),
  onStopLoss: 'hold',
  maximumRefinements: 1,
  maximumExtensions: 1,
  experiment: null,
  ramp: [
    { budget: euros('50000'), soak: 'P14D' },
    { budget: euros('120000'), soak: 'P14D' },
    { budget: euros('250000'), soak: 'P14D' },
    { budget: euros('400000'), soak: 'P14D' },
  ],
};

export const CMO_CYCLE: Playbook = {
  name: 'cmo-cycle',
  version: 1,
  title: 'From weak signal to industrialisation',
  stages: { detect, prototype, measure, scale },
  retex: {
    questions: [
      'What did we promise, and what came of it?',
      'What moved the numbers, and how do we know?',
      'What would we do again, and what never again?',
      'What should the next thesis know?',
    ],
  },
};
