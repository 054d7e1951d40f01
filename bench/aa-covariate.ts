// Simulated experiments by a mean whose units were measured before: the same experiments read plainly and adjusted, by
// the decision function that readExperiment uses. Says how often each finds a difference.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { createBoundaryBook } from '../domain/experiment/boundaries.ts';
import type { PairSeries } from '../domain/experiment/decision.ts';
import type { ArmLook } from '../domain/experiment.ts';
import { normalQuantile } from '../domain/statistics/numerics/special.ts';
import { ALPHA, DAILY_UNITS, finds, POWER, type SimulationSize, schedulesOf } from './aa-simulation.ts';

/** Correlation of a unit with itself before the test: adjusting cuts the variance by its square. */
const RHO = 0.6;
/** Of a unit, in standard deviations: a metric whose control is well told apart from 0. */
const MEAN = 2;

export interface FoundByMean {
  readonly plain: number;
  readonly adjusted: number;
  readonly adjustedSequence: number;
  /** Adjusted until half of the test, when units without a covariate come in, and plain from then on. */
  readonly interrupted: number;
}

/** Without any effect: the false-positive rates. */
export function falsePositivesByMean(size: SimulationSize): FoundByMean {
  return simulate(size, 0);
}

/** With the effect that a fixed, unadjusted test of all looks finds with 80% power. */
export function powerByMean(size: SimulationSize): FoundByMean {
  const drift = normalQuantile(1 - ALPHA / 2) + normalQuantile(POWER);
  return simulate(size, drift * Math.sqrt(2 / (size.looks * DAILY_UNITS)));
}

function simulate({ seed, experiments, looks }: SimulationSize, effect: number): FoundByMean {
  const draw = drawsFrom(xoroshiro128plus(seed));
  const book = createBoundaryBook();
  const { planned, open } = schedulesOf(looks);
  const counts = { plain: 0, adjusted: 0, adjustedSequence: 0, interrupted: 0 };
  for (let experiment = 0; experiment < experiments; experiment += 1) {
    const control = simulatedArm(draw, looks, MEAN);
    const treatment = simulatedArm(draw, looks, MEAN + effect);
    const adjusted: PairSeries = { kind: 'mean', adjusted: true, control, treatment };
    if (finds('group_sequential', { ...adjusted, adjusted: false }, planned, book)) counts.plain += 1;
    if (finds('group_sequential', adjusted, planned, book)) counts.adjusted += 1;
    if (finds('confidence_sequence', adjusted, open, book)) counts.adjustedSequence += 1;
    const halved = { ...adjusted, treatment: treatment.map(withoutCovariateFrom(looks / 2)) };
    if (finds('group_sequential', halved, planned, book)) counts.interrupted += 1;
  }
  return {
    plain: counts.plain / experiments,
    adjusted: counts.adjusted / experiments,
    adjustedSequence: counts.adjustedSequence / experiments,
    interrupted: counts.interrupted / experiments,
  };
}

function withoutCovariateFrom(from: number): (look: ArmLook, index: number) => ArmLook {
  return ({ covariate, ...look }, index) =>
    covariate === undefined || index >= from ? look : { ...look, covariate };
}

/** Cumulative sums of an arm whose days have DAILY_UNITS new units each, with a variance of 1 in both periods. */
function simulatedArm(draw: Draws, looks: number, mean: number): ArmLook[] {
  let [n, sum, sumSquares] = [0, 0, 0];
  let covariate = { n: 0, sum: 0, sumSquares: 0, sumOfProducts: 0 };
  return Array.from({ length: looks }, () => {
    const day = simulatedDay(draw, mean);
    n += DAILY_UNITS;
    sum += day.sum;
    sumSquares += day.sumSquares;
    covariate = {
      n,
      sum: covariate.sum + day.pre,
      sumSquares: covariate.sumSquares + day.preSquares,
      sumOfProducts: covariate.sumOfProducts + day.products,
    };
    return { n, sum, sumSquares, covariate };
  });
}

/** The sums that DAILY_UNITS bivariate normal units have: means by their law, scatter by Bartlett's (Wishart). */
function simulatedDay({ normal, chiSquared }: Draws, mean: number) {
  const n = DAILY_UNITS;
  const rest = Math.sqrt(1 - RHO * RHO);
  const [u, v] = [normal() / Math.sqrt(n), normal() / Math.sqrt(n)];
  const [preMean, postMean] = [MEAN + u, mean + RHO * u + rest * v];
  const [first, cross, second] = [Math.sqrt(chiSquared(n - 1)), normal(), chiSquared(n - 2)];
  const onCovariate = RHO * first + rest * cross;
  return {
    sum: n * postMean,
    sumSquares: n * postMean * postMean + onCovariate * onCovariate + rest * rest * second,
    pre: n * preMean,
    preSquares: n * preMean * preMean + first * first,
    products: n * preMean * postMean + first * onCovariate,
  };
}

interface Draws {
  readonly normal: () => number;
  readonly chiSquared: (degrees: number) => number;
}

function drawsFrom(random: RandomGenerator): Draws {
  const uniform = () => uniformFloat64(random) + Number.MIN_VALUE;
  // Box and Muller 1958.
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  // Marsaglia and Tsang 2000, for a gamma of half the degrees.
  const chiSquared = (degrees: number): number => {
    const d = degrees / 2 - 1 / 3;
    for (;;) {
      const z = normal();
      const v = (1 + z / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(uniform()) < (z * z) / 2 + d * (1 - v + Math.log(v))) return 2 * d * v;
    }
  };
  return { normal, chiSquared };
}
