// Checks of single numbers that detection and customer value share, each refusing with a typed reason.
// It must not know what a number means: the caller names it.
import { ImpossibleInput, requireFinite } from '../impossible.ts';

/** Refuses a number that is not above zero, or not finite. */
export function requirePositive(name: string, value: number): void {
  requireFinite(name, value);
  if (value <= 0) throw new ImpossibleInput('out_of_range', `${name} is ${value}, expected above 0`);
}

/** Refuses a number below zero, or not finite. */
export function requireNonNegative(name: string, value: number): void {
  requireFinite(name, value);
  if (value < 0) throw new ImpossibleInput('out_of_range', `${name} is ${value}, expected 0 or more`);
}

/** Refuses anything but 0, 1, 2, ... from `least` on. */
export function requireWhole(name: string, value: number, least = 0): void {
  requireFinite(name, value);
  if (value < least || !Number.isInteger(value)) {
    throw new ImpossibleInput('out_of_range', `${name} is ${value}, expected a whole number from ${least}`);
  }
}
