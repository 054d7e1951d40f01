// The effect of a treatment against a control: its estimate and standard error, absolute or relative.
// Every way of judging an effect (t test, confidence sequence, posterior) starts from the Effect made here.
import { ImpossibleInput } from '../impossible.ts';
import type { Moments } from './moments.ts';

/** `absolute` is treatment minus control in the metric's unit; `relative` is that over |control|. */
export type Difference = 'absolute' | 'relative';

export interface Effect {
  readonly difference: Difference;
  readonly estimate: number;
  readonly standardError: number;
  /** Welch-Satterthwaite, on the absolute scale for both differences; that is accurate from about 30 units. */
  readonly degreesOfFreedom: number;
  /** Units in both arms. */
  readonly n: number;
  /** The control's mean, without any covariate adjustment. */
  readonly baseline: number;
}

/**
 * Effect from the moments of two independent arms. The relative standard error is the delta method's for a
 * ratio of means; dividing by |control| keeps an increase positive when the control's mean is negative.
 */
export function effectOf(control: Moments, treatment: Moments, difference: Difference): Effect {
  const controlShare = varianceOfMean(control, 'control');
  const treatmentShare = varianceOfMean(treatment, 'treatment');
  const degreesOfFreedom = welchDegrees(controlShare, control.n, treatmentShare, treatment.n);
  const n = control.n + treatment.n;
  const baseline = control.mean;
  const change = treatment.mean - baseline;
  if (difference === 'absolute') {
    const standardError = Math.sqrt(controlShare + treatmentShare);
    return { difference, estimate: change, standardError, degreesOfFreedom, n, baseline };
  }
  const scale = relativeScale(baseline);
  const lever = treatment.mean / baseline;
  const standardError = Math.sqrt(treatmentShare + lever * lever * controlShare) / scale;
  return { difference, estimate: change / scale, standardError, degreesOfFreedom, n, baseline };
}

/** |baseline|, refused when it is zero. */
export function relativeScale(baseline: number): number {
  if (baseline === 0) throw new ImpossibleInput('zero_baseline', 'the control mean is 0');
  return Math.abs(baseline);
}

/** The variance of an arm's mean; an arm that does not vary cannot be compared. */
export function varianceOfMean({ n, variance }: Moments, arm: string): number {
  if (!(variance > 0)) throw new ImpossibleInput('zero_variance', `the ${arm} has a variance of ${variance}`);
  return variance / n;
}

/** Welch-Satterthwaite degrees of freedom from the variances of two means (Welch 1947). */
export function welchDegrees(shareA: number, nA: number, shareB: number, nB: number): number {
  // Scaled by their sum first, so that variances near the limits of a double do not under- or overflow.
  const a = shareA / (shareA + shareB);
  const b = shareB / (shareA + shareB);
  return 1 / ((a * a) / (nA - 1) + (b * b) / (nB - 1));
}
