// What a kill saved: the planned spend of the stages that the thesis never entered. A plan is not a receipt, so each
// line says what it was planned by; the unspent rest of the stage in which it was killed is not claimed.

import { add, compare, type Money, money, zero } from '../money.ts';
import { GATED_STAGES, type GatedStage } from '../stage.ts';
import type { Contract } from '../thesis.ts';
import type { DefinitionId } from './figure.ts';

interface StageNotEntered {
  readonly stage: GatedStage;
  readonly planned: Money;
  /** The forecast of the business case, or the playbook's envelope: the most that the stage could have spent. */
  readonly basis: 'business_case' | 'envelope';
}

export interface MoneyNotSpent {
  readonly definition: DefinitionId;
  readonly amount: Money;
  readonly stages: readonly StageNotEntered[];
  /** What the thesis did spend until it was killed, to read the amount against; null when not known. */
  readonly spent: Money | null;
}

/**
 * The sum over the stages after `killedAt`. A forecast above the envelope counts as the envelope, beyond which the
 * stop-loss acts. Throws a RangeError when an envelope is not in the contract's currency, which the playbook's
 * validation refuses.
 */
export function moneyNotSpent(
  contract: Contract,
  killedAt: GatedStage,
  spendSoFar: Money | null,
): MoneyNotSpent {
  const stages = GATED_STAGES.slice(GATED_STAGES.indexOf(killedAt) + 1).map((stage) =>
    planned(contract, stage),
  );
  const amount = stages.reduce((total, stage) => add(total, stage.planned), zero(contract.currency));
  return { definition: 'money_not_spent/1', amount, stages, spent: spendSoFar };
}

function planned(contract: Contract, stage: GatedStage): StageNotEntered {
  const { envelope } = contract.playbook.stages[stage];
  const spend = contract.businessCase[stage]?.spend ?? null;
  if (spend === null) return { stage, planned: envelope, basis: 'envelope' };
  const forecast = money(spend, contract.currency);
  return compare(forecast, envelope) > 0
    ? { stage, planned: envelope, basis: 'envelope' }
    : { stage, planned: forecast, basis: 'business_case' };
}
