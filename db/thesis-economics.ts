// One thesis in finance's eyes: each stage as promised in the contract in force and as observed, all stages
// together, and what a kill saved. Reads only; the sums come from unit-economics.ts.

import { sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import type { IncrementalEconomics } from '../domain/economics/incremental.ts';
import { type MoneyNotSpent, moneyNotSpent } from '../domain/economics/money-not-spent.ts';
import {
  type Difference,
  differences,
  forecastEconomics,
  observedEconomics,
  type UnitEconomics,
} from '../domain/economics.ts';
import { type Currency, money } from '../domain/money.ts';
import { GATED_STAGES, type GatedStage } from '../domain/stage.ts';
import type { Contract } from '../domain/thesis.ts';
import type { Db } from './connect.ts';
import { incrementalByStage } from './read-outs.ts';
import { readUnitEconomics } from './unit-economics.ts';

interface StageEconomics {
  readonly stage: GatedStage;
  /** Whether the thesis had entered the stage by then. */
  readonly entered: boolean;
  /** Null when the business case says nothing about the stage. */
  readonly forecast: UnitEconomics | null;
  readonly observed: UnitEconomics;
  /** What the stage's experiment added, as its last read-out by then had it; null without one. */
  readonly incremental: IncrementalEconomics | null;
  readonly difference: Readonly<Record<'spend' | 'cac' | 'cm3', Difference>>;
}

export interface ThesisEconomics {
  readonly thesisId: string;
  readonly currency: Currency;
  /** The contract whose business case and lifetime-value method were used. */
  readonly contractVersion: number;
  readonly stages: readonly StageEconomics[];
  /** All stages together. */
  readonly total: UnitEconomics;
  /** Null unless the thesis had been killed by then. */
  readonly moneyNotSpent: MoneyNotSpent | null;
}

/** What was asked: as known at an instant of thesis time (null: now), the request being made at the real `now`. */
interface AsKnown {
  readonly knownAt: Instant | null;
  readonly now: Instant;
}

/** The economics of a thesis; null when there was no such thesis by then. */
export async function readThesisEconomics(
  db: Db,
  thesisId: string,
  asKnown: AsKnown,
): Promise<ThesisEconomics | null> {
  // One snapshot, so that what was observed is set beside the contract that was in force with it.
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (snapshot) => {
      const file = await fileAsKnown(snapshot, thesisId, asKnown);
      if (file === null) return null;
      const { contract, incremental, killedIn } = file;
      const query = { ...asKnown, thesisId, currency: null, groupBy: ['stage', 'thesis'] as const };
      const read = await readUnitEconomics(snapshot, query);
      const { currency, economics, version } = contract;
      const total = read.thesis[0]?.economics ?? observedEconomics({}, economics, currency);
      const stages = GATED_STAGES.map((stage) => {
        const observed = read.stage.find(({ key }) => key === stage)?.economics ?? null;
        return {
          ...stageEconomics(contract, stage, observed),
          incremental: incremental?.[stage] ?? null,
        };
      });
      const saved = killedIn === null ? null : savedByKill(contract, killedIn, total);
      return { thesisId, currency, contractVersion: version, stages, total, moneyNotSpent: saved };
    });
}

function stageEconomics(
  contract: Contract,
  stage: GatedStage,
  read: UnitEconomics | null,
): Omit<StageEconomics, 'incremental'> {
  const { currency, economics } = contract;
  const inputs = contract.businessCase[stage];
  const forecast = inputs === undefined ? null : forecastEconomics(inputs, economics, currency);
  const observed = read ?? observedEconomics({}, economics, currency);
  return { stage, entered: read !== null, forecast, observed, difference: differences(observed, forecast) };
}

/** The contract in force, what experiments added by stage, and the stage of the kill, if any; null: no such thesis. */
async function fileAsKnown(db: Db, thesisId: string, { knownAt }: AsKnown) {
  const row = await db
    .selectFrom('contract')
    .select(({ selectFrom }) => [
      'body as contract',
      incrementalByStage(thesisId, knownAt).as('incremental'),
      selectFrom('thesis_event')
        .select(sql<GatedStage>`data ->> 'stage'`.as('stage'))
        .where('thesis_event.thesis_id', '=', thesisId)
        .where('type', '=', 'ThesisKilled')
        .$if(knownAt !== null, (query) => query.where('at', '<=', knownAt))
        .limit(1)
        .as('killedIn'),
    ])
    .where('thesis_id', '=', thesisId)
    .$if(knownAt !== null, (query) => query.where('sealed_at', '<=', knownAt))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

function savedByKill(
  contract: Contract,
  stage: GatedStage,
  { stack: { spend } }: UnitEconomics,
): MoneyNotSpent {
  return moneyNotSpent(contract, stage, 'value' in spend ? money(spend.value, contract.currency) : null);
}
