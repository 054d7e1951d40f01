// What past theses say of effects: one estimate a thesis, a prior from six on, and each metric by its own.
import { expect, test } from 'vitest';
import { DAY } from '../../../domain/duration.ts';
import { type PastEffect, priorsFrom, readWithHistory } from '../../../domain/experiment/effect-history.ts';
import { createBoundaryBook, readExperiment } from '../../../domain/experiment.ts';
import { scepticalPrior, shrinkEstimate } from '../../../domain/statistics/comparison/shrinkage.ts';
import { data, means, plan, series, steady } from '../experiment-fixture.ts';

function past(index: number, lifts: readonly number[], standardError = 0.02): PastEffect {
  const shrunken = (estimate: number) => shrinkEstimate({ estimate, standardError }, scepticalPrior, 0.05);
  return { thesisId: `past-${index}`, metric: 'cvr', lifts: lifts.map(shrunken) };
}

const LIFTS = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06];

test('six theses give a prior around their mean, five give none', () => {
  const six = LIFTS.map((lift, index) => past(index, [lift]));
  expect(priorsFrom(six).cvr).toMatchObject({ source: 'history', studies: 6 });
  expect(priorsFrom(six).cvr?.mean).toBeCloseTo(0.035, 10);
  expect(priorsFrom(six.slice(1))).toEqual({});
});

test('a thesis with many arms is one thesis', () => {
  expect(priorsFrom([past(1, LIFTS), past(2, LIFTS)])).toEqual({});
});

test('a lift without any noise, or without arms, is no estimate', () => {
  const six = LIFTS.map((lift, index) => past(index, [lift]));
  const certain = { ...past(7, [0.5]), lifts: [{ raw: 0.5, weight: 1, prior: scepticalPrior }] };
  expect(priorsFrom([...six, certain, past(8, [])]).cvr?.studies).toBe(6);
});

test('each metric is shrunken by its own prior, and no verdict moves', () => {
  const arms = data(
    series('cvr', 'proportion', { control: steady(20, 50), treatment: steady(20, 56) }),
    series('revenue_per_visitor', 'mean', { control: means(20, 2, 9), treatment: means(20, 2.2, 9) }),
  );
  const request = {
    ageMs: 20 * DAY,
    goals: ['cvr', 'revenue_per_visitor'] as const,
    guardrails: [{ metric: 'revenue_per_visitor', margin: 0.05 }] as const,
  };
  const boundaries = createBoundaryBook();
  const plain = readExperiment(plan, arms, request);
  const cvr = priorsFrom(LIFTS.map((lift, index) => past(index, [lift])));
  const read = readWithHistory(plan, arms, request, { priors: cvr, boundaries });
  const shown = ({ readings }: typeof read) =>
    readings.map(({ metric, arm, verdict, estimate }) => ({ metric, arm, verdict, estimate }));
  expect(shown(read)).toEqual(shown(plain));
  const priorOf = (metric: string) => read.readings.find((found) => found.metric === metric)?.shrunken?.prior;
  expect(priorOf('cvr')).toEqual(cvr.cvr);
  expect(priorOf('revenue_per_visitor')).toEqual(scepticalPrior);
  expect(readWithHistory(plan, arms, request, { priors: {}, boundaries })).toEqual(plain);
});
