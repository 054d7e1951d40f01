// Fits a formula that is linear in its terms, and says how much of the variation it explains.

import { cholesky, solveCholesky } from '../../domain/statistics/numerics/cholesky.ts';
import { short } from './finding.ts';

export interface Fit {
  /** Such as `12.3 + 4.1 days`. */
  readonly formula: string;
  readonly coefficients: readonly number[];
  readonly rSquared: number;
}

/** `terms` name the columns of `inputs`; an empty name is the constant. */
export function leastSquares(
  terms: readonly string[],
  inputs: readonly (readonly number[])[],
  outputs: readonly number[],
): Fit {
  const order = terms.length;
  const normal = new Float64Array(order * order);
  const right = new Float64Array(order);
  inputs.forEach((row, index) => {
    row.forEach((a, i) => {
      right[i] = (right[i] ?? 0) + a * (outputs[index] ?? 0);
      row.forEach((b, j) => {
        normal[i * order + j] = (normal[i * order + j] ?? 0) + a * b;
      });
    });
  });
  const coefficients = [...solveCholesky(cholesky(normal, order), right)];
  const mean = outputs.reduce((sum, y) => sum + y, 0) / outputs.length;
  const fitted = inputs.map((row) => row.reduce((sum, x, i) => sum + x * (coefficients[i] ?? 0), 0));
  const squares = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value * value, 0);
  const rest = squares(outputs.map((y, index) => y - (fitted[index] ?? 0)));
  const all = squares(outputs.map((y) => y - mean));
  return { formula: formulaOf(terms, coefficients), coefficients, rSquared: all === 0 ? 1 : 1 - rest / all };
}

function formulaOf(terms: readonly string[], coefficients: readonly number[]): string {
  // What is left of a term that plays no part is rounding.
  const parts = terms.flatMap((term, index) => {
    const coefficient = coefficients[index] ?? 0;
    return Math.abs(coefficient) < 1e-6 ? [] : [`${short(coefficient)} ${term}`.trim()];
  });
  return parts.join(' + ');
}
