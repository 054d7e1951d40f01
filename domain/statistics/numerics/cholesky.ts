// Symmetric positive definite systems of a few hundred unknowns, by Cholesky factors.
// Matrices are row-major in one Float64Array of order * order; nothing here is sparse or blocked.
import { ImpossibleInput } from '../impossible.ts';

/** Lower factor L with L L' = A. */
export interface CholeskyFactor {
  readonly order: number;
  readonly lower: Float64Array;
}

/** Factor of the symmetric matrix `a` (only its lower half is read); undefined if it is not positive definite. */
export function tryCholesky(a: Float64Array, order: number): CholeskyFactor | undefined {
  const lower = new Float64Array(order * order);
  let largest = 0;
  for (let i = 0; i < order; i += 1) largest = Math.max(largest, a[i * order + i] as number);
  const floor = largest * order * Number.EPSILON;
  for (let row = 0; row < order; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = a[row * order + column] as number;
      for (let k = 0; k < column; k += 1) {
        sum -= (lower[row * order + k] as number) * (lower[column * order + k] as number);
      }
      if (row !== column) lower[row * order + column] = sum / (lower[column * order + column] as number);
      else if (sum > floor) lower[row * order + row] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return { order, lower };
}

/** Like `tryCholesky`, but throws `zero_variance`: some combination of the columns does not vary. */
export function cholesky(a: Float64Array, order: number): CholeskyFactor {
  const factor = tryCholesky(a, order);
  if (!factor) throw new ImpossibleInput('zero_variance', `a matrix of order ${order} is singular`);
  return factor;
}

/** The x with A x = b. */
export function solveCholesky(factor: CholeskyFactor, b: ArrayLike<number>): Float64Array {
  const { order, lower } = factor;
  const x = Float64Array.from(b);
  for (let row = 0; row < order; row += 1) {
    let sum = x[row] as number;
    for (let k = 0; k < row; k += 1) sum -= (lower[row * order + k] as number) * (x[k] as number);
    x[row] = sum / (lower[row * order + row] as number);
  }
  for (let row = order - 1; row >= 0; row -= 1) {
    let sum = x[row] as number;
    for (let k = row + 1; k < order; k += 1) sum -= (lower[k * order + row] as number) * (x[k] as number);
    x[row] = sum / (lower[row * order + row] as number);
  }
  return x;
}
