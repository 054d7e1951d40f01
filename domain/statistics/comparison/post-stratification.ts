// Post-stratification: the effect over strata (country, device, ...) weighted by their share of all units,
// which removes the part of the noise that comes from the arms' different mixes of strata.
// Means, proportions and ratios are here; with a pre-period covariate see stratified-cuped.ts.
import { ImpossibleInput } from '../impossible.ts';
import { type Difference, type Effect, effectOf } from './effect.ts';
import {
  addSums,
  centredSquares,
  type MeanSums,
  type Moments,
  meanMoments,
  type ProportionSums,
  proportionMoments,
  quotient,
  type RatioSums,
  ratioMoments,
  sampleCovariance,
} from './moments.ts';
import { type Contribution, combined, type Gradient, gradientOf, mergeThin, type Stratum } from './strata.ts';

/** Post-stratified effect on a mean (Xie and Aurisset 2016, with the strata's shares taken as estimated). */
export function stratifiedMeanEffect(strata: readonly Stratum<MeanSums>[], difference: Difference): Effect {
  const merged = mergeThin(strata, (a, b) => ({ n: a.n + b.n, ...addSums(a, b) }));
  return momentsEffect(merged.strata, meanMoments, momentsOf(merged.total, meanMoments), difference);
}

/** The same on a proportion; the degrees of freedom take the pooled successes as a plain mean of 0 and 1. */
export function stratifiedProportionEffect(
  strata: readonly Stratum<ProportionSums>[],
  difference: Difference,
): Effect {
  const merged = mergeThin(strata, (a, b) => ({ n: a.n + b.n, successes: a.successes + b.successes }));
  const asMean = ({ n, successes }: ProportionSums) =>
    meanMoments({ n, sum: successes, sumSquares: successes });
  const ofTotal = merged.strata.length === 1 ? proportionMoments : asMean;
  return momentsEffect(merged.strata, proportionMoments, momentsOf(merged.total, ofTotal), difference);
}

/** The same on a ratio: numerators and denominators are each weighted first, then divided. */
export function stratifiedRatioEffect(strata: readonly Stratum<RatioSums>[], difference: Difference): Effect {
  const merged = mergeThin(strata, addRatioSums);
  const linearised = {
    control: linearise(merged.strata, (stratum) => stratum.control),
    treatment: linearise(merged.strata, (stratum) => stratum.treatment),
  };
  const { control, treatment } = merged.total;
  const plain = effectOf(ratioMoments(control), ratioMoments(treatment), difference);
  const [a, b] = [linearised.control.ratio, linearised.treatment.ratio];
  const gradient = gradientOf(a, b, difference);
  const contributions = merged.strata.map((stratum, index) =>
    contributionOf(stratum, linearised.control.moments[index], linearised.treatment.moments[index], gradient),
  );
  return { ...plain, ...combined(contributions, gradient.estimate), baseline: a };
}

function momentsOf<Arm>(stratum: Stratum<Arm>, moments: (arm: Arm) => Moments): Stratum<Moments> {
  return { control: moments(stratum.control), treatment: moments(stratum.treatment) };
}

function momentsEffect<Arm>(
  strata: readonly Stratum<Arm>[],
  moments: (arm: Arm) => Moments,
  total: Stratum<Moments>,
  difference: Difference,
): Effect {
  const plain = effectOf(total.control, total.treatment, difference);
  const arms = strata.map((stratum) => momentsOf(stratum, moments));
  const n = plain.n;
  const weighted = (pick: (arm: Stratum<Moments>) => number) =>
    arms.reduce((sum, arm) => sum + ((arm.control.n + arm.treatment.n) / n) * pick(arm), 0);
  const control = weighted((arm) => arm.control.mean);
  const treatment = weighted((arm) => arm.treatment.mean);
  const gradient = gradientOf(control, treatment, difference);
  const contributions = arms.map((arm) => contributionOf(arm, arm.control, arm.treatment, gradient));
  return { ...plain, ...combined(contributions, gradient.estimate), baseline: control };
}

function contributionOf(
  stratum: Stratum<{ readonly n: number }>,
  control: Moments | undefined,
  treatment: Moments | undefined,
  { onControl, onTreatment }: Gradient,
): Contribution {
  if (control === undefined || treatment === undefined) {
    throw new ImpossibleInput('no_data', 'a stratum has no moments');
  }
  const n = stratum.control.n + stratum.treatment.n;
  const variance =
    (onControl * onControl * control.variance * n) / control.n +
    (onTreatment * onTreatment * treatment.variance * n) / treatment.n;
  return { n, variance, score: onControl * control.mean + onTreatment * treatment.mean };
}

function addRatioSums(a: RatioSums, b: RatioSums): RatioSums {
  return {
    n: a.n + b.n,
    numerator: addSums(a.numerator, b.numerator),
    denominator: addSums(a.denominator, b.denominator),
    sumOfProducts: a.sumOfProducts + b.sumOfProducts,
  };
}

/** The weighted ratio R = M / D of one arm and each stratum's moments of (m - R d) / D. */
function linearise(strata: readonly Stratum<RatioSums>[], armOf: (stratum: Stratum<RatioSums>) => RatioSums) {
  let numerator = 0;
  let denominator = 0;
  for (const stratum of strata) {
    const arm = armOf(stratum);
    const units = stratum.control.n + stratum.treatment.n;
    numerator += (units * arm.numerator.sum) / arm.n;
    denominator += (units * arm.denominator.sum) / arm.n;
  }
  const total = strata.reduce((sum, stratum) => sum + stratum.control.n + stratum.treatment.n, 0);
  const ratio = quotient(numerator, denominator);
  const scale = denominator / total;
  const moments = strata.map((stratum): Moments => {
    const { n, numerator: m, denominator: d, sumOfProducts } = armOf(stratum);
    const covariance = sampleCovariance(n, m.sum, d.sum, sumOfProducts);
    const spread = centredSquares('numerator', n, m) + ratio * ratio * centredSquares('denominator', n, d);
    const variance = (spread / (n - 1) - 2 * ratio * covariance) / (scale * scale);
    return { n, mean: (m.sum - ratio * d.sum) / n / scale, variance: Math.max(0, variance) };
  });
  return { ratio, moments };
}
