// Post-stratification: reference cases, what it does to a lopsided mix, and what happens to thin strata.
import { describe, expect, it } from 'vitest';
import { cupedMeanEffect } from '../../../../domain/statistics/comparison/cuped.ts';
import { effectOf } from '../../../../domain/statistics/comparison/effect.ts';
import { meanMoments } from '../../../../domain/statistics/comparison/moments.ts';
import {
  stratifiedMeanEffect,
  stratifiedProportionEffect,
  stratifiedRatioEffect,
} from '../../../../domain/statistics/comparison/post-stratification.ts';
import { stratifiedCupedEffect } from '../../../../domain/statistics/comparison/stratified-cuped.ts';
import { tTest } from '../../../../domain/statistics/comparison/t-test.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

/** Sums of n units of a given mean and standard deviation. */
function sums(n: number, mean: number, sd: number) {
  return { n, sum: n * mean, sumSquares: n * mean * mean + (n - 1) * sd * sd };
}

const twoCountries = [
  {
    control: { n: 216, sum: 718.6066889657245, sumSquares: 3645.1363708125054 },
    treatment: { n: 270, sum: 900.6136667958874, sumSquares: 4645.783927048085 },
  },
  {
    control: { n: 1581, sum: 1823.2642444022672, sumSquares: 3196.3808332420435 },
    treatment: { n: 468, sum: 582.576445644255, sumSquares: 1035.2377125460089 },
  },
];

describe('against the reference', () => {
  it('a relative lift of a mean', () => {
    const effect = stratifiedMeanEffect(twoCountries, 'relative');
    const result = tTest(effect, { alpha: 0.05, alternative: 'two_sided' });
    expectClose(result.estimate, 0.048218129327783, 1e-11);
    expectClose(result.standardError, 0.03583365367791845, 1e-11);
    expectClose(result.degreesOfFreedom, 1048.2179951066446, 1e-11);
    expectClose(result.p, 0.17871925019207371, 1e-10);
  });

  it('an absolute difference of a proportion', () => {
    const stratum = (n: number, x: number, m: number, y: number) => ({
      control: { n, successes: x },
      treatment: { n: m, successes: y },
    });
    const strata = [
      stratum(1130, 105, 1577, 135),
      stratum(170, 44, 4295, 1364),
      stratum(9815, 1657, 5168, 941),
    ];
    const effect = stratifiedProportionEffect(strata, 'absolute');
    expectClose(effect.estimate, 0.01991410567431514, 1e-11);
    expectClose(effect.standardError, 0.008335131323766056, 1e-11);
    expectClose(effect.degreesOfFreedom, 21818.665237736735, 1e-11);
  });

  it('a relative lift with a pre-period', () => {
    const arm = (n: number, post: [number, number], pre: [number, number], sumOfProducts: number) => ({
      ...{ kind: 'mean' as const, n, sumOfProducts },
      post: { sum: post[0], sumSquares: post[1] },
      pre: { sum: pre[0], sumSquares: pre[1] },
    });
    const strata = [
      {
        control: arm(
          1677,
          [2775.613923192341, 11581.857345402148],
          [2259.8544208816606, 9861.191289323255],
          7860.22011721864,
        ),
        treatment: arm(
          600,
          [940.6906344632374, 3848.901354105539],
          [776.4964417076453, 3559.2425807486843],
          2754.785463566167,
        ),
      },
      {
        control: arm(
          193,
          [976.3684337458863, 5864.212661870712],
          [802.8551771592024, 4236.260221395566],
          4709.499943947276,
        ),
        treatment: arm(
          591,
          [3066.7859214022915, 18352.036441519813],
          [2424.326367855597, 12173.724899273064],
          13968.384792619523,
        ),
      },
      {
        control: arm(
          335,
          [558.5650907587661, 2140.3311637537818],
          [444.0766500358489, 1933.2594476052714],
          1512.5448190096906,
        ),
        treatment: arm(
          121,
          [226.1022105046213, 923.2467915596183],
          [169.49423542346838, 716.9981560551473],
          606.6397764642584,
        ),
      },
    ];
    const effect = stratifiedCupedEffect(strata, 'relative');
    expectClose(effect.theta, 0.7725939164129887, 1e-11);
    expectClose(effect.estimate, 0.00923226671837365, 1e-10);
    expectClose(effect.standardError, 0.025820580806776464, 1e-11);
    expectClose(effect.degreesOfFreedom, 2634.9731109075205, 1e-11);
    const [first] = strata;
    if (first === undefined) throw new Error('there is a first stratum');
    const plain = cupedMeanEffect(first.control, first.treatment, 'relative');
    expect(stratifiedCupedEffect([first], 'relative')).toEqual(plain);
  });
});

describe('behaviour', () => {
  it('is not fooled by arms of a different mix', () => {
    const rich = { control: sums(9000, 100, 5), treatment: sums(1000, 101, 5) };
    const poor = { control: sums(1000, 10, 5), treatment: sums(9000, 11, 5) };
    expectClose(stratifiedMeanEffect([rich, poor], 'absolute').estimate, 1, 1e-9);
  });

  it('needs no more than the plain effect for a single stratum', () => {
    const one = { control: sums(300, 20, 4), treatment: sums(200, 21, 5) };
    const stratified = stratifiedMeanEffect([one], 'relative');
    const plain = effectOf(meanMoments(one.control), meanMoments(one.treatment), 'relative');
    expectClose(stratified.estimate, plain.estimate, 1e-12);
    expectClose(stratified.standardError, plain.standardError, 1e-12);
  });

  it('splits units of equal means without a change', () => {
    const half = { control: sums(500, 20, 4), treatment: sums(500, 21, 4) };
    const both = stratifiedMeanEffect([half, half], 'absolute');
    expectClose(both.estimate, 1, 1e-9);
    expectClose(both.standardError, Math.sqrt(16 / 1000 + 16 / 1000), 1e-9);
  });

  it('is a stratified mean when every denominator is 1', () => {
    const asRatio = (arm: { n: number; sum: number; sumSquares: number }) => ({
      ...{ n: arm.n, numerator: arm, sumOfProducts: arm.sum },
      denominator: { sum: arm.n, sumSquares: arm.n },
    });
    const strata = twoCountries.map(({ control, treatment }) => ({
      control: asRatio(control),
      treatment: asRatio(treatment),
    }));
    const ratio = stratifiedRatioEffect(strata, 'relative');
    const mean = stratifiedMeanEffect(twoCountries, 'relative');
    expectClose(ratio.estimate, mean.estimate, 1e-11);
    expectClose(ratio.standardError, mean.standardError, 1e-11);
  });

  it('lets a stratum without one of the arms join the largest', () => {
    const nobody = { control: { n: 0, sum: 0, sumSquares: 0 }, treatment: sums(3, 20, 1) };
    const [small, large] = twoCountries;
    if (small === undefined || large === undefined) throw new Error('there are two strata');
    const joined = { control: large.control, treatment: meanSum(large.treatment, nobody.treatment) };
    expect(stratifiedMeanEffect([small, nobody, large], 'absolute')).toEqual(
      stratifiedMeanEffect([joined, small], 'absolute'),
    );
  });

  it('refuses no strata, a zero baseline and arms without variance', () => {
    expect(refusalOf(() => stratifiedMeanEffect([], 'absolute'))).toBe('no_data');
    const zero = { control: sums(100, 0, 1), treatment: sums(100, 1, 1) };
    expect(refusalOf(() => stratifiedMeanEffect([zero, zero], 'relative'))).toBe('zero_baseline');
    const flat = { control: sums(100, 5, 0), treatment: sums(100, 5, 0) };
    expect(refusalOf(() => stratifiedMeanEffect([flat, flat], 'absolute'))).toBe('zero_variance');
  });
});

function meanSum(a: ReturnType<typeof sums>, b: ReturnType<typeof sums>) {
  return { n: a.n + b.n, sum: a.sum + b.sum, sumSquares: a.sumSquares + b.sumSquares };
}
