// Power, sample size and minimum detectable effect of a two-arm comparison of means, in standard deviations.
// Sizes are real numbers: whole units, days and weeks are `duration.ts`. It knows no metric and no traffic.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { noncentralTSf } from '../numerics/noncentral-t.ts';
import { brentRoot } from '../numerics/root.ts';
import { normalQuantile, normalSf, tQuantile } from '../numerics/special.ts';

export type Alternative = 'two-sided' | 'larger';
/** `normal`: known variance. `t`: variance estimated from both arms, by the noncentral t. */
export type PowerModel = 'normal' | 't';

export interface PowerDesign {
  readonly model: PowerModel;
  /** False-positive rate, between 0 and 1. */
  readonly alpha: number;
  readonly alternative: Alternative;
  /** Treatment units per control unit, above 0. */
  readonly ratio: number;
}

/** Far more units than any population: a size beyond it means that the effect cannot be found. */
const LARGEST_SIZE = 1e15;
/** A t test with fewer degrees of freedom has no power at any size worth the name. */
const SMALLEST_DF = 0.25;

/**
 * Power to find `effectSize` (difference in standard deviations) with `controlSize` units in control, both
 * tails counted when two-sided. With n the harmonic size 1/(1/n1 + 1/n2): normal tails at effect * sqrt(n),
 * or the noncentral t with n1 + n2 - 2 degrees of freedom (Cohen 1988; as statsmodels computes them).
 */
export function powerOfTest(design: PowerDesign, effectSize: number, controlSize: number): number {
  checkDesign(design);
  requireFinite('effectSize', effectSize);
  requireBetween('controlSize', controlSize, 0, Number.POSITIVE_INFINITY);
  const shift = effectSize * Math.sqrt(harmonicSize(controlSize, design.ratio));
  const tail = tailAlpha(design);
  const both = design.alternative === 'two-sided';
  if (design.model === 'normal') {
    const critical = -normalQuantile(tail);
    return normalSf(critical - shift) + (both ? normalSf(critical + shift) : 0);
  }
  const df = controlSize * (1 + design.ratio) - 2;
  if (df <= 0) throw new ImpossibleInput('too_few', `${controlSize} units leave no degrees of freedom`);
  const critical = -tQuantile(tail, df);
  return noncentralTSf(critical, df, shift) + (both ? noncentralTSf(critical, df, -shift) : 0);
}

/**
 * Units in control (a real number) that give `power` against `effectSize`. Throws `out_of_range` for an
 * effect of 0, of the wrong sign for a one-sided test, or too small to be found at all.
 */
export function sampleSize(design: PowerDesign, effectSize: number, power: number): number {
  checkDesign(design);
  checkPower(design, power);
  requireFinite('effectSize', effectSize);
  const effect = design.alternative === 'larger' ? effectSize : Math.abs(effectSize);
  if (effect <= 0) throw new ImpossibleInput('out_of_range', `effect size is ${effectSize}`);
  const quantiles = normalQuantile(power) - normalQuantile(tailAlpha(design));
  const guess = ((quantiles / effect) ** 2 * (1 + design.ratio)) / design.ratio;
  if (guess > LARGEST_SIZE) throw new ImpossibleInput('out_of_range', `effect ${effectSize} is too small`);
  const smallest = design.model === 't' ? (2 + SMALLEST_DF) / (1 + design.ratio) : guess * 1e-3;
  const gap = (logSize: number) => powerOfTest(design, effect, Math.exp(logSize)) - power;
  // A t test needs a few units more than a normal one: four times, and ten at least, is always enough.
  const high = Math.max(guess, smallest) * 4 + 10 / Math.min(1, design.ratio);
  if (gap(Math.log(smallest)) >= 0) return smallest;
  return Math.exp(brentRoot(gap, Math.log(smallest), Math.log(high), { tolerance: 1e-12 }));
}

/** Smallest effect, in standard deviations, found with `power` by `controlSize` units in control. */
export function minimumDetectableEffect(design: PowerDesign, controlSize: number, power: number): number {
  checkDesign(design);
  checkPower(design, power);
  requireBetween('controlSize', controlSize, 0, Number.POSITIVE_INFINITY);
  const gap = (effect: number) => powerOfTest(design, effect, controlSize) - power;
  let high = 1 / Math.sqrt(harmonicSize(controlSize, design.ratio));
  for (let doubling = 0; doubling < 60 && gap(high) < 0; doubling += 1) high *= 2;
  return brentRoot(gap, 0, high, { tolerance: 1e-15 });
}

function harmonicSize(controlSize: number, ratio: number): number {
  return (controlSize * ratio) / (1 + ratio);
}

/** Alpha of one tail. */
function tailAlpha({ alpha, alternative }: PowerDesign): number {
  return alternative === 'two-sided' ? alpha / 2 : alpha;
}

function checkDesign({ alpha, ratio }: PowerDesign): void {
  requireBetween('alpha', alpha, 0, 1);
  requireBetween('ratio', ratio, 0, Number.POSITIVE_INFINITY);
}

function checkPower({ alpha }: PowerDesign, power: number): void {
  requireBetween('power', power, alpha, 1);
}
