// A small thesis for the tests of the cycle: short stages that all follow one plan, a committee of three, euros.
import type { Criterion } from '../../domain/criterion.ts';
import { DAY, type Instant, later } from '../../domain/duration.ts';
import type { Committee, GatePolicy } from '../../domain/gate.ts';
import { type DecimalText, type Money, money } from '../../domain/money.ts';
import type { StagePlan } from '../../domain/playbook.ts';
import type { GatedStage } from '../../domain/stage.ts';
import type { SealedContract } from '../../domain/thesis.ts';
import { sampleContract } from './sample-contract.ts';

export const THESIS = 'thesis-1';
export const OWNER = 'olga';

/** Thesis time of day `n` after the launch. */
export function day(n: number): Instant {
  return later('2026-03-02T09:00:00.000Z', n * DAY);
}

export function euros(amount: DecimalText): Money {
  return money(amount, 'EUR');
}

/** ann and ben hold growth, fay holds finance. */
export const COMMITTEE: Committee = {
  name: 'growth-committee',
  holders: [
    { seat: 'growth', member: 'ann' },
    { seat: 'growth', member: 'ben' },
    { seat: 'finance', member: 'fay' },
  ],
  calendar: { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: null, daysOff: [] },
};

const POLICY: GatePolicy = {
  mode: 'committee',
  committee: 'growth-committee',
  seats: [
    { seat: 'growth', count: 2, veto: false },
    { seat: 'finance', count: 1, veto: false },
  ],
  quorum: 2,
  threshold: { kind: 'majority' },
  deadline: 'P5D',
  reminders: ['P2D'],
  onSilence: 'kill',
  silentHold: 'P14D',
};

const CRITERION = { minimumSample: 100, minimumAge: 'P3D', failures: 1 } as const;

const CRITERIA: readonly Criterion[] = [
  {
    ...CRITERION,
    id: 'ctr-floor',
    metric: 'ctr',
    role: 'success',
    rule: { kind: 'threshold', comparison: 'at_least', bound: '0.02' },
    onFail: 'refine',
  },
  {
    ...CRITERION,
    id: 'cac-ceiling',
    metric: 'cac',
    role: 'guardrail',
    rule: { kind: 'threshold', comparison: 'at_most', bound: '40', hardBound: '55' },
    onFail: 'kill',
  },
  {
    ...CRITERION,
    id: 'loss-limit',
    metric: 'contribution_margin',
    role: 'stop_loss',
    rule: { kind: 'threshold', comparison: 'at_least', bound: '-5000' },
    onFail: 'kill',
  },
];

/** A stage of 7 to 14 days, read out daily, refined once and extended once at most, for 1,000 EUR. */
export const PLAN: StagePlan = {
  hypothesis: 'There is a demand.',
  proof: 'People pay.',
  decision: 'go',
  tools: [],
  requiredEvidence: ['clicks'],
  criteria: CRITERIA,
  gate: POLICY,
  cadence: 'P1D',
  minimumDuration: 'P7D',
  maximumDuration: 'P14D',
  envelope: euros('1000'),
  onStopLoss: 'hold',
  maximumRefinements: 1,
  maximumExtensions: 1,
  experiment: null,
  ramp: [],
};

const RAMP = [
  { budget: euros('100'), soak: 'P2D' },
  { budget: euros('500'), soak: 'P2D' },
] as const;

export type PlanChanges = Partial<Omit<StagePlan, 'gate'>> & { readonly gate?: Partial<GatePolicy> };

/** The contract of a thesis whose stages all follow the small plan; `changes` apply to every stage. */
export function contractWith(
  changes: PlanChanges = {},
  perStage: Readonly<Partial<Record<GatedStage, PlanChanges>>> = {},
): SealedContract {
  const sample = sampleContract();
  const planOf = (stage: GatedStage): StagePlan => {
    const own = perStage[stage] ?? {};
    return { ...PLAN, ...changes, ...own, gate: { ...POLICY, ...changes.gate, ...own.gate } };
  };
  const stages = {
    detect: planOf('detect'),
    prototype: planOf('prototype'),
    measure: planOf('measure'),
    scale: { ...planOf('scale'), ramp: perStage.scale?.ramp ?? RAMP },
  };
  return { ...sample, playbook: { ...sample.playbook, stages } };
}
