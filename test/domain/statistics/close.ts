// The comparison of floating-point numbers in the statistics tests: the rule of the reference cases.
import { expect } from 'vitest';

/** Expects |actual - expected| <= rel * |expected| + abs; infinities must be equal. */
export function expectClose(actual: number | undefined, expected: number, rel: number, abs = 0): void {
  const value = actual ?? Number.NaN;
  const allowed = rel * Math.abs(expected) + abs;
  const close = value === expected || Math.abs(value - expected) <= allowed;
  expect(close, `${value} is not within ${allowed} of ${expected}`).toBe(true);
}

/** Expects both bounds of an interval to be close. */
export function expectIntervalClose(
  actual: readonly [number, number],
  expected: readonly [number, number],
  rel: number,
  abs = 0,
): void {
  expectClose(actual[0], expected[0], rel, abs);
  expectClose(actual[1], expected[1], rel, abs);
}
