// Before against after, without a control: the weakest evidence that is still a measurement. Compares whole weeks, so
// that weekdays do not differ; a season, a trend or another campaign would look the same.

import { effectOf } from '../statistics/comparison/effect.ts';
import { type Moments, meanMoments } from '../statistics/comparison/moments.ts';
import { tTest } from '../statistics/comparison/t-test.ts';
import { type Found, type Increment, orImpossible } from './increment.ts';

export interface PrePostTest {
  readonly kind: 'prepost';
  /** The outcome of each day, oldest first. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly alpha: number;
  readonly spend: number | null;
}

const DAYS = 7;

/** Welch's test on the totals of whole weeks: the last ones before, the first ones after. Needs two on each side. */
export function readPrePost({ before, after, alpha, spend }: PrePostTest): readonly [Found] {
  return [
    orImpossible('before_after', (): Omit<Increment, 'method'> => {
      const weeksAfter = Math.floor(after.length / DAYS);
      const control = momentsOf(weeklyTotals(before.slice(before.length % DAYS)));
      const treatment = momentsOf(weeklyTotals(after.slice(0, weeksAfter * DAYS)));
      const { estimate, interval, p } = tTest(effectOf(control, treatment, 'absolute'), {
        alpha,
        alternative: 'two_sided',
      });
      const increment = estimate * weeksAfter;
      const [lower, upper] = [interval[0] * weeksAfter, interval[1] * weeksAfter];
      return {
        increment,
        interval: { lower, upper },
        p,
        relative: control.mean > 0 ? estimate / control.mean : null,
        returnOnSpend:
          spend === null ? null : { ratio: increment / spend, lower: lower / spend, upper: upper / spend },
        doubts: ['without a control, a season, a trend or another campaign would look the same'],
      };
    }),
  ];
}

function weeklyTotals(days: readonly number[]): number[] {
  const weeks: number[] = [];
  for (let start = 0; start + DAYS <= days.length; start += DAYS) {
    weeks.push(days.slice(start, start + DAYS).reduce((sum, value) => sum + value, 0));
  }
  return weeks;
}

function momentsOf(values: readonly number[]): Moments {
  const sum = values.reduce((total, value) => total + value, 0);
  return meanMoments({
    n: values.length,
    sum,
    sumSquares: values.reduce((total, value) => total + value * value, 0),
  });
}
