// The recommendation: a pure function of the criteria and of what is left to try, with reasons that name the
// metric, the number, the bound and the evidence grade. It advises; only a gate decides.

import type { CriterionResult } from '../criterion.ts';
import type { Recommendation } from '../gate.ts';
import type { StagePlan } from '../playbook.ts';
import type { Advice } from '../thesis.ts';

/** What the stage can still try. */
export interface Room {
  readonly refinementsLeft: number;
  readonly extensionsLeft: number;
  /** Null outside the scale stage. */
  readonly rampComplete: boolean | null;
  /** Required evidence that has not arrived. */
  readonly missingEvidence: readonly string[];
}

export function advise(results: readonly CriterionResult[], plan: StagePlan, room: Room): Advice {
  const decisive = results.filter(({ role }) => role === 'success' || role === 'guardrail');
  const stopLoss = results.filter(({ role, state }) => role === 'stop_loss' && state === 'fail');
  if (stopLoss.length > 0) return { decision: plan.onStopLoss, reasons: reasonsOf(stopLoss) };

  const failed = decisive.filter(({ state }) => state === 'fail');
  if (failed.length > 0) return onFailure(failed, room);

  const broken = decisive.filter(({ state }) => state === 'error');
  if (broken.length > 0) return { decision: 'hold', reasons: reasonsOf(broken) };

  if (room.missingEvidence.length > 0) {
    const reasons = room.missingEvidence.map((metric) => `${metric}: the required evidence has not arrived.`);
    return { decision: moreTime(room), reasons };
  }
  const open = decisive.filter(({ state }) => state !== 'pass');
  if (open.length > 0) return { decision: moreTime(room), reasons: reasonsOf(open) };

  if (room.rampComplete === false) {
    const reason = 'Every criterion passes; the ramp has not yet soaked at its last step.';
    // Nothing speaks against the thesis: without an extension left, people look at it.
    return {
      decision: room.extensionsLeft > 0 ? 'extend' : 'hold',
      reasons: [reason, ...reasonsOf(decisive)],
    };
  }
  return { decision: 'advance', reasons: reasonsOf(decisive) };
}

/**
 * Whether the read-out settles the stage before its end: something failed, or everything passed. A criterion without
 * a verdict (`inconclusive`, `no_data`, `error`) settles nothing.
 */
export function settles(results: readonly CriterionResult[], advice: Advice): boolean {
  const failed = results.some(
    ({ role, state }) => (role === 'success' || role === 'guardrail') && state === 'fail',
  );
  return failed || advice.decision === 'advance';
}

function onFailure(failed: readonly CriterionResult[], room: Room): Advice {
  const mayRefine = failed.every(({ onFail }) => onFail === 'refine') && room.refinementsLeft > 0;
  return { decision: mayRefine ? 'refine' : 'kill', reasons: reasonsOf(failed) };
}

/** A bet that does not prove its value gets more time, then one more form, then ends: never a benefit of doubt. */
function moreTime(room: Room): Recommendation {
  if (room.extensionsLeft > 0) return 'extend';
  return room.refinementsLeft > 0 ? 'refine' : 'kill';
}

function reasonsOf(results: readonly CriterionResult[]): string[] {
  return results.map(({ reason }) => reason);
}
