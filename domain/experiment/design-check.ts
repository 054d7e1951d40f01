// Whether a test can be designed from the figures given: each range, and what a rate can rise to.

import type { FieldError } from '../refusal.ts';
import type { DesignRequest } from './design.ts';

/** The power curve goes as far as this many minimum effects. */
export const LARGEST_MULTIPLE = 2;

const MOST_ARMS = 11;

/** Every figure from which no test can be designed, by field. */
export function checkDesignRequest(request: DesignRequest): FieldError[] {
  const { baseline, minimumEffect, alpha, power, arms, dailyUnits } = request;
  const errors: FieldError[] = [];
  const report = (path: string, message: string) => errors.push({ path, message });
  if (!(alpha > 0 && alpha <= 0.2)) report('alpha', 'Must be more than 0 and at most 0.2.');
  if (!(power >= 0.5 && power <= 0.99)) report('power', 'Must be from 0.5 to 0.99.');
  if (!Number.isInteger(arms) || arms < 2 || arms > MOST_ARMS) {
    report('arms', `Must be a whole number from 2 to ${MOST_ARMS}, control included.`);
  }
  if (!(dailyUnits > 0 && Number.isFinite(dailyUnits))) report('dailyUnits', 'Must be more than 0.');
  if (!Number.isFinite(minimumEffect) || minimumEffect === 0 || minimumEffect <= -1) {
    report('minimumEffect', 'Must be a fraction of the baseline, not 0 and above -1.');
  }
  const { covariateCorrelation } = request;
  if (covariateCorrelation !== undefined && baseline.kind !== 'mean') {
    report('covariateCorrelation', 'Only means are adjusted by a covariate: leave it out.');
  } else if (covariateCorrelation !== undefined && !(Math.abs(covariateCorrelation) < 1)) {
    report('covariateCorrelation', 'Must be between -1 and 1.');
  }
  if (baseline.kind === 'mean') {
    if (!Number.isFinite(baseline.mean) || baseline.mean === 0) report('baseline.mean', 'Must not be 0.');
    if (!(baseline.standardDeviation > 0 && Number.isFinite(baseline.standardDeviation))) {
      report('baseline.standardDeviation', 'Must be more than 0.');
    }
    return errors;
  }
  const { rate } = baseline;
  if (!(rate > 0 && rate < 1)) report('baseline.rate', 'Must be between 0 and 1.');
  else if (!(highestRate(rate, minimumEffect) < 1)) {
    report('minimumEffect', `Twice this effect on a rate of ${rate} would reach 1: give a smaller one.`);
  }
  return errors;
}

/** The rate at the far end of the power curve. */
function highestRate(rate: number, effect: number): number {
  return rate * (1 + effect * LARGEST_MULTIPLE);
}
