// Freezes what a committee is about to be shown. The hash it returns is what every vote must name.

import { contractVersion } from '../db/contracts.ts';
import { freezePack, observationsSeen } from '../db/evidence-packs.ts';
import { findReadOut } from '../db/read-outs.ts';
import type { Instant } from '../domain/duration.ts';
import type { Recommendation } from '../domain/gate.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { ActivityDependencies } from './dependencies.ts';

interface Freezing {
  readonly thesisId: string;
  readonly gateId: string;
  readonly stage: GatedStage;
  readonly round: number;
  readonly readOutAt: Instant;
  readonly contractVersion: number;
  readonly recommendation: Recommendation;
}

export async function freezeEvidence(
  { db, codeVersion }: Pick<ActivityDependencies, 'db' | 'codeVersion'>,
  { thesisId, gateId, stage, round, readOutAt, contractVersion: version, recommendation }: Freezing,
): Promise<string> {
  const contract = await contractVersion(db, thesisId, version);
  const found = await findReadOut(db, { thesisId, stage, round, at: readOutAt });
  return await freezePack(db, {
    gateId,
    thesisId,
    stage,
    round,
    contract: { version, hash: contract.hash },
    recommendation,
    readOut: found ?? null,
    readOutAt,
    observations: await observationsSeen(db, { thesisId, asOf: readOutAt }),
    codeVersion,
  });
}
