// A small version of `npm run sim:aa`: 60 daily looks at simulated experiments, through the product's own decision
// function. The naive test must be caught, or the simulation would prove nothing about the others.
import { expect, test } from 'vitest';
import { falsePositivesByMean, powerByMean } from '../../bench/aa-covariate.ts';
import { falsePositives, powerAtMinimumEffect } from '../../bench/aa-simulation.ts';

const EXPERIMENTS = 1500;

/** Four standard errors of a rate that `EXPERIMENTS` simulations give. */
const within = (rate: number) => 4 * Math.sqrt((rate * (1 - rate)) / EXPERIMENTS);

test('looking every day does not raise false positives', () => {
  const found = falsePositives({ seed: 7, experiments: EXPERIMENTS, looks: 60 });
  expect(Math.abs(found.groupSequential - 0.05)).toBeLessThan(within(0.05));
  expect(found.confidenceSequence).toBeLessThan(0.05);
  expect(found.peeking).toBeGreaterThan(0.25);
});

test('and the power is what was planned', () => {
  const found = powerAtMinimumEffect({ seed: 8, experiments: EXPERIMENTS, looks: 60 });
  expect(Math.abs(found.groupSequential - 0.761)).toBeLessThan(within(0.761));
  expect(Math.abs(found.confidenceSequence - 0.516)).toBeLessThan(within(0.516));
  expect(Math.abs(found.fixedHorizon - 0.8)).toBeLessThan(within(0.8));
});

test('taking out a covariate keeps the false positives, and finds more', () => {
  const alarms = falsePositivesByMean({ seed: 9, experiments: EXPERIMENTS, looks: 60 });
  expect(Math.abs(alarms.adjusted - 0.05)).toBeLessThan(within(0.05));
  expect(alarms.adjustedSequence).toBeLessThan(0.05);
  const { plain, adjusted } = powerByMean({ seed: 10, experiments: EXPERIMENTS, looks: 60 });
  expect(Math.abs(plain - 0.761)).toBeLessThan(within(0.761));
  // The same effect, in standard errors that a correlation of .6 makes a fifth smaller.
  expect(Math.abs(adjusted - 0.918)).toBeLessThan(within(0.918));
});
