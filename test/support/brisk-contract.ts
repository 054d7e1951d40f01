// A contract whose stages last days instead of weeks and ask for one figure each: for tests of what happens to a
// thesis, not of how much evidence it takes. A test changes the stage it is about.

import type { Criterion } from '../../domain/criterion.ts';
import type { GatedStage } from '../../domain/stage.ts';
import type { Contract, SourceBinding } from '../../domain/thesis.ts';
import { contractWith, euros, type PlanChanges } from './small-contract.ts';

/** The one figure of every stage: 10 mentions or more pass, fewer fail. */
export const MENTIONS: Criterion = {
  id: 'demand-voiced',
  metric: 'demand_mentions',
  role: 'success',
  rule: { kind: 'threshold', comparison: 'at_least', bound: '10' },
  minimumSample: 0,
  minimumAge: 'PT0S',
  failures: 1,
  onFail: 'refine',
};

/** A committee of which any two votes that agree decide, three working days to do so, and silence that holds. */
const BRISK: PlanChanges = {
  requiredEvidence: ['demand_mentions'],
  criteria: [MENTIONS],
  gate: { deadline: 'P3D', reminders: ['P1D'], onSilence: 'hold', silentHold: 'P3D' },
  minimumDuration: 'P1D',
  maximumDuration: 'P10D',
  envelope: euros('5000'),
};

const RAMP = [
  { budget: euros('1000'), soak: 'P1D' },
  { budget: euros('5000'), soak: 'P1D' },
] as const;

/** The contract, with some stages' plans changed in part. */
export function briskContract(
  perStage: Readonly<Partial<Record<GatedStage, PlanChanges>>> = {},
  sources: readonly SourceBinding[] = [],
): Contract {
  const scale = { ramp: RAMP, ...perStage.scale };
  const { hash: _hash, ...contract } = contractWith(BRISK, { ...perStage, scale });
  return { ...contract, sources };
}
