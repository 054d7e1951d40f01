// A/A tests looked at every day for 60 days: the confidence sequence keeps its promise, and the same
// simulation catches the fixed test, so that it would catch a sequence that stopped being valid.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect, it } from 'vitest';
import { confidenceSequence } from '../../../../domain/statistics/comparison/confidence-sequence.ts';
import type { Effect } from '../../../../domain/statistics/comparison/effect.ts';
import { tTest } from '../../../../domain/statistics/comparison/t-test.ts';

const EXPERIMENTS = 20_000;
const LOOKS = 60;
const UNITS_A_DAY = 2000;
const ALPHA = 0.05;

type Judge = (effect: Effect) => { readonly p: number };

const judges: Readonly<Record<string, Judge>> = {
  fixed: (effect) => tTest(effect, { alpha: ALPHA, alternative: 'two_sided' }),
  planned: sequence({ sampleSize: UNITS_A_DAY * LOOKS }),
  growthBookDefault: sequence({ sampleSize: 5000 }),
  msprt: sequence({ effectSize: 0.01 }),
  oneSided: (effect) =>
    confidenceSequence(effect, { alpha: ALPHA, alternative: 'greater', tuning: { sampleSize: 60_000 } }),
};

function sequence(tuning: { readonly sampleSize: number } | { readonly effectSize: number }): Judge {
  return (effect) => confidenceSequence(effect, { alpha: ALPHA, alternative: 'two_sided', tuning });
}

/** Share of experiments without any effect in which each judge finds one at some look. */
function falsePositives(seed: number): Record<string, number> {
  const random = xoroshiro128plus(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random));
  const found = Object.fromEntries(Object.keys(judges).map((name) => [name, 0]));
  for (let experiment = 0; experiment < EXPERIMENTS; experiment += 1) {
    const open = new Set(Object.keys(judges));
    let sum = 0;
    for (let look = 1; look <= LOOKS && open.size > 0; look += 1) {
      sum += normal();
      const n = look * UNITS_A_DAY;
      // Two arms of n / 2 units with variance 1; the sum of daily scores is a standard random walk.
      const standardError = 2 / Math.sqrt(n);
      const estimate = (sum / Math.sqrt(look)) * standardError;
      const effect = {
        difference: 'absolute',
        estimate,
        standardError,
        degreesOfFreedom: n - 2,
        n,
        baseline: 1,
      } as const;
      for (const name of open) {
        const judge = judges[name];
        if (judge !== undefined && judge(effect).p < ALPHA) {
          open.delete(name);
          found[name] = (found[name] ?? 0) + 1;
        }
      }
    }
  }
  return Object.fromEntries(Object.entries(found).map(([name, count]) => [name, count / EXPERIMENTS]));
}

it('60 daily looks at 20,000 A/A tests', () => {
  const rates = falsePositives(20260117);
  // Theory for 60 looks at 1.96: 33.46% (Armitage, McPherson and Rowe 1969).
  expect(rates.fixed).toBeGreaterThan(0.32);
  expect(rates.fixed).toBeLessThan(0.35);
  for (const name of ['planned', 'growthBookDefault', 'msprt', 'oneSided']) {
    expect(rates[name]).toBeLessThanOrEqual(ALPHA);
    expect(rates[name]).toBeGreaterThan(0.001);
  }
}, 60_000);
