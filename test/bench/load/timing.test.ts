// The instruments of the benchmarks: what they would get wrong, every figure would.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { actionsOf } from '../../../bench/load/billable-actions.ts';
import { holds } from '../../../bench/load/finding.ts';
import { leastSquares } from '../../../bench/load/least-squares.ts';
import { inFlight, inTurns, paced, percentile } from '../../../bench/load/timing.ts';

test('a percentile is a time that was measured, and the smallest that its share does not exceed', () => {
  const times = Array.from({ length: 100 }, (_unused, index) => 100 - index);
  expect([0.5, 0.95, 0.99, 1].map((p) => percentile(times, p))).toEqual([50, 95, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
});

test('no more jobs are in flight than asked for, and each is done once', async () => {
  let [now, most] = [0, 0];
  const done: number[] = [];
  const jobs = Array.from({ length: 20 }, (_unused, index) => async () => {
    now += 1;
    most = Math.max(most, now);
    await sleep(2);
    now -= 1;
    done.push(index);
  });
  expect((await inFlight(4, jobs)).each).toHaveLength(20);
  expect(most).toBe(4);
  expect(done.toSorted((a, b) => a - b)).toEqual(jobs.map((_unused, index) => index));
});

test('at a pace, what waits behind a stall is late by it', async () => {
  const stalled = sleep(200);
  const { each } = await paced(100, [() => stalled, () => stalled]);
  expect(each[1]).toBeGreaterThan(150);
});

test('two sides are measured in turns, and the first of a round alternates', async () => {
  const order: string[] = [];
  const say = (side: string) => async (round: number) => order.push(`${side}${round}`);
  await inTurns(3, say('a'), say('b'));
  expect(order).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2']);
});

test('a bound that is met exactly holds, and no number never does', () => {
  const finding = { what: 'ratio', unit: 'x' };
  expect(holds({ ...finding, value: 1.3, bound: { most: 1.3 } })).toBe(true);
  expect(holds({ ...finding, value: 1.31, bound: { most: 1.3 } })).toBe(false);
  expect(holds({ ...finding, value: Number.NaN, bound: { least: 0.75 } })).toBe(false);
});

test('a formula that made the figures is found again', () => {
  const inputs = [1, 2, 3, 4].flatMap((days) => [1, 3].map((sources) => [1, days, days * sources]));
  const outputs = inputs.map(([, days = 0, pulls = 0]) => 24 + 4 * days + 2 * pulls);
  const { formula, rSquared } = leastSquares(['', 'days', 'pulls'], inputs, outputs);
  expect(formula).toBe('24 + 4 days + 2 pulls');
  expect(rSquared).toBeCloseTo(1, 12);
});

test('every attempt of an activity is billed, and a patch that is told to the visibility store is not', () => {
  const upserted = (name: string) => ({
    upsertWorkflowSearchAttributesEventAttributes: { searchAttributes: { indexedFields: { [name]: {} } } },
  });
  const events = [
    { workflowExecutionStartedEventAttributes: {} },
    { timerStartedEventAttributes: {} },
    { activityTaskStartedEventAttributes: { attempt: 3 } },
    { activityTaskCompletedEventAttributes: {} },
    upserted('JalonStage'),
    upserted('TemporalChangeVersion'),
  ];
  expect(actionsOf([{ events }, { events: events.slice(0, 1) }])).toEqual({
    starts: 2,
    timers: 1,
    activities: 3,
    updates: 0,
    signals: 0,
    'search attributes': 1,
  });
});
