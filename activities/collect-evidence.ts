// Pulls the sources bound to a stage and says how each of them fares. The contract says which; the connectors how.

import { Context } from '@temporalio/activity';
import { currentContract } from '../db/contracts.ts';
import type { Instant } from '../domain/duration.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { SourceStatus } from '../domain/thesis.ts';
import { collect } from './collect.ts';
import type { ActivityDependencies } from './dependencies.ts';

interface Collection {
  readonly thesisId: string;
  readonly stage: GatedStage;
  readonly from: Instant;
  readonly to: Instant;
}

export async function collectEvidence(
  { db, secretBox }: Pick<ActivityDependencies, 'db' | 'secretBox'>,
  { thesisId, stage, from, to }: Collection,
): Promise<{ sources: readonly SourceStatus[]; rows: number }> {
  const contract = await currentContract(db, thesisId);
  const bindings = contract.sources.filter(({ stages }) => stages.includes(stage));
  if (bindings.length === 0) return { sources: [], rows: 0 };
  const context = Context.current();
  return await collect(
    {
      db,
      secretBox,
      heartbeat: (details) => context.heartbeat(details),
      resumeFrom: context.info.heartbeatDetails,
      signal: context.cancellationSignal,
    },
    { thesisId, bindings, from, to, thesisNow: to },
  );
}
