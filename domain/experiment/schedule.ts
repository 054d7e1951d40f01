// Which looks of an experiment count, how much of the planned information each has, and which look closes it.
// Depends on units and days alone, never on a metric: a schedule that followed the results would spend alpha twice.

import type { ExperimentData } from '../experiment.ts';
import type { ExperimentPlan } from '../playbook.ts';
import { MINIMUM_INFORMATION_STEP } from '../statistics/planning/group-sequential.ts';

/** A test is not judged before it has seen every day of the week. */
export const MINIMUM_DAYS = 7;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Schedule {
  /** Indices of the looks at which a decision may be taken, ascending, the closing one last. */
  readonly looks: readonly number[];
  /** Information at each of `looks`: units so far over units planned. */
  readonly fractions: readonly number[];
  /** Index of the look that closed the test; null while it runs. Data after it are not read. */
  readonly closing: number | null;
  /** Index of the look that is read out: the closing one, else the last that counts, else the last; -1 without. */
  readonly current: number;
}

/**
 * Looks count from the seventh day on, and only when units have come in since the look before. A planned test
 * closes at the first of them that has all the planned units; a confidence sequence never does.
 */
export function scheduleOf(plan: ExperimentPlan, data: ExperimentData, ageMs: number): Schedule {
  const looks: number[] = [];
  const fractions: number[] = [];
  if (ageMs < MINIMUM_DAYS * DAY_MS) return { looks, fractions, closing: null, current: data.looks - 1 };
  let before = 0;
  for (let look = 0; look < data.looks; look += 1) {
    const fraction = fractionAt(plan, data, look);
    if (dayOf(data, look) < MINIMUM_DAYS || !Number.isFinite(fraction)) continue;
    if (fraction - before < MINIMUM_INFORMATION_STEP) continue;
    looks.push(look);
    fractions.push(fraction);
    before = fraction;
    if (fraction >= 1 && plan.method !== 'confidence_sequence') {
      return { looks, fractions, closing: look, current: look };
    }
  }
  return { looks, fractions, closing: null, current: looks.at(-1) ?? data.looks - 1 };
}

/** Units of all arms at a look over the planned units; 0 before the first look. */
export function fractionAt(plan: ExperimentPlan, data: ExperimentData, look: number): number {
  return unitsAt(plan, data, look) / plan.plannedUnits;
}

/** Whole days until the planned units are in, at the pace of the last week; null when no unit comes in. */
export function daysLeft(plan: ExperimentPlan, data: ExperimentData, { current }: Schedule): number | null {
  const missing = plan.plannedUnits - unitsAt(plan, data, current);
  if (missing <= 0) return 0;
  let from = current;
  while (from >= 0 && dayOf(data, current) - dayOf(data, from) < MINIMUM_DAYS) from -= 1;
  const days = dayOf(data, current) - (from < 0 ? 0 : dayOf(data, from));
  const arrived = unitsAt(plan, data, current) - unitsAt(plan, data, from);
  return arrived > 0 && days > 0 ? Math.ceil((missing * days) / arrived) : null;
}

/** Day of the test on which a look was taken, from 1. */
export function dayOf(data: ExperimentData, look: number): number {
  return data.days?.[look] ?? look + 1;
}

function unitsAt({ control, treatments }: ExperimentPlan, { units }: ExperimentData, look: number): number {
  let total = units[control]?.[look] ?? 0;
  for (const arm of treatments) total += units[arm]?.[look] ?? 0;
  return total;
}
