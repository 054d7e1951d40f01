// What every way of measuring an increment gives back: a figure with its interval and its doubts, or the reason why
// there is none.

import { type ImpossibleCode, ImpossibleInput } from '../statistics/impossible.ts';

export type IncrementMethod =
  | 'holdout'
  | 'time_based_regression'
  | 'difference_in_differences'
  | 'synthetic_control'
  | 'before_after';

/** Return on the money spent: increment over spend, with its interval. */
export interface ReturnOnSpend {
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
}

/** What one method found, over the whole test and all that was treated, in the unit of the outcome. */
export interface Increment {
  readonly method: IncrementMethod;
  readonly increment: number;
  /** At level 1 - alpha, two-sided; null for a method that has p-values only. */
  readonly interval: { readonly lower: number; readonly upper: number } | null;
  readonly p: number | null;
  /** Increment over what would have come without it; null when that is not above 0. */
  readonly relative: number | null;
  readonly returnOnSpend: ReturnOnSpend | null;
  /** Why to trust this figure less, in words; empty when nothing speaks against it. */
  readonly doubts: readonly string[];
}

/** A method that has no answer for these data. */
export interface NoIncrement {
  readonly method: IncrementMethod;
  readonly impossible: ImpossibleCode;
  readonly detail: string;
}

export type Found = Increment | NoIncrement;

/** What `read` finds, or why there is nothing to find; a fault of ours is thrown on. */
export function orImpossible(method: IncrementMethod, read: () => Omit<Increment, 'method'>): Found {
  try {
    return { method, ...read() };
  } catch (problem) {
    if (!(problem instanceof ImpossibleInput)) throw problem;
    return { method, impossible: problem.code, detail: problem.message };
  }
}
