// All activities of the platform, bound to what they depend on. Workflows import only the type.

import { collectEvidence } from './collect-evidence.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { draftRetex } from './draft-retex.ts';
import { freezeEvidence } from './freeze-evidence.ts';
import { readOutStage } from './read-out-stage.ts';
import { recordEvents } from './record-events.ts';
import { moveDeadline, seatCommittee } from './seat-committee.ts';

export type Activities = ReturnType<typeof createActivities>;

export function createActivities(deps: ActivityDependencies) {
  return {
    recordEvents: (batch: Parameters<typeof recordEvents>[1]) => recordEvents(deps, batch),
    collectEvidence: (request: Parameters<typeof collectEvidence>[1]) => collectEvidence(deps, request),
    readOutStage: (request: Parameters<typeof readOutStage>[1]) => readOutStage(deps, request),
    freezeEvidence: (request: Parameters<typeof freezeEvidence>[1]) => freezeEvidence(deps, request),
    seatCommittee: (request: Parameters<typeof seatCommittee>[1]) => seatCommittee(deps, request),
    moveDeadline: async (request: Parameters<typeof moveDeadline>[0]) => moveDeadline(request),
    draftRetex: (request: Parameters<typeof draftRetex>[1]) => draftRetex(deps, request),
  };
}
