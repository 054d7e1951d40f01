// The one way in which the statistics refuse an input that has no answer, with a closed list of reasons.
// Estimators throw it instead of returning NaN or Infinity; it must not carry wording meant for end users.

/** Every reason for which an estimate cannot exist. */
const impossibleCodes = [
  /** No unit, period or event was observed. */
  'no_data',
  /** The observations do not vary, so that there is no standard error. */
  'zero_variance',
  /** A relative figure was asked for, and what it is relative to is zero. */
  'zero_baseline',
  /** No data set could give these sums, for example a sum of squares below the square of the sum over n. */
  'contradictory_sums',
  /** There are observations, but fewer than the method needs. */
  'too_few',
  /** A parameter lies outside of the values that have a meaning, for example alpha = 1. */
  'out_of_range',
  /** An input is NaN or infinite. */
  'not_finite',
  /** An iterative method did not settle. */
  'no_convergence',
] as const;

export type ImpossibleCode = (typeof impossibleCodes)[number];

/** Thrown by an estimator when its input has no answer; `message` names the argument and its value. */
export class ImpossibleInput extends Error {
  override readonly name = 'ImpossibleInput';
  readonly code: ImpossibleCode;

  constructor(code: ImpossibleCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Refuses NaN and infinite values, naming the argument. */
export function requireFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new ImpossibleInput('not_finite', `${name} is ${value}`);
}

/** Refuses a value that is not strictly between `low` and `high`, or not finite. */
export function requireBetween(name: string, value: number, low: number, high: number): void {
  requireFinite(name, value);
  if (value <= low || value >= high) {
    throw new ImpossibleInput('out_of_range', `${name} is ${value}, expected between ${low} and ${high}`);
  }
}
