// Boundaries by alpha spending: published tables, unequal looks, and the false-positive rate itself.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../../../domain/statistics/numerics/special.ts';
import {
  BOUNDARY_CEILING,
  boundaries,
  boundaryAt,
  nextLook,
  type SequentialState,
} from '../../../../domain/statistics/planning/group-sequential.ts';
import { exitProbabilities } from '../../../../domain/statistics/planning/sequential-shape.ts';
import { alphaSpent, type SequentialDesign } from '../../../../domain/statistics/planning/spending.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

const daily = Array.from({ length: 60 }, (_unused, day) => (day + 1) / 60);
const squared: SequentialDesign = { alpha: 0.05, sides: 2, spending: { kind: 'power', exponent: 2 } };

describe('boundaries', () => {
  it('reproduces the five equal looks of Lan and DeMets 1983', () => {
    const design: SequentialDesign = { alpha: 0.05, sides: 2, spending: { kind: 'obrien_fleming' } };
    const values = boundaries(design, [0.2, 0.4, 0.6, 0.8, 1]).map((look) => look.criticalValue);
    const published = [4.8769, 3.357, 2.6803, 2.2898, 2.031];
    for (const [index, value] of published.entries()) expect(values[index]).toBeCloseTo(value, 4);
  });

  it('matches a 700-node recursion at two unequal looks', () => {
    const cases = [
      {
        spending: { kind: 'obrien_fleming' },
        alpha: 0.025,
        sides: 1,
        t: 0.5,
        first: 2.9625880427275657,
        last: 1.9685956406374339,
      },
      {
        spending: { kind: 'power', exponent: 3 },
        alpha: 0.025,
        sides: 2,
        t: 0.518,
        first: 2.922279484847002,
        last: 2.267846902260894,
      },
      {
        spending: { kind: 'hwang_shih_decani', gamma: 1 },
        alpha: 0.01,
        sides: 2,
        t: 0.868,
        first: 2.6053224785532403,
        last: 2.886193243288985,
      },
    ] as const;
    for (const { t, first, last, ...design } of cases) {
      const [one, two] = boundaries(design, [t, 1]);
      expect(one?.criticalValue).toBeCloseTo(first, 9);
      expect(two?.criticalValue).toBeCloseTo(last, 9);
      expect(two?.alphaSpent).toBe(design.alpha);
    }
  });

  it('matches it at three looks with early spending', () => {
    const design: SequentialDesign = { alpha: 0.025, sides: 2, spending: { kind: 'pocock' } };
    const values = boundaries(design, [0.616, 0.877, 1]).map((look) => look.criticalValue);
    expect(values[0]).toBeCloseTo(2.3646119228647136, 9);
    expect(values[1]).toBeCloseTo(2.562414158888393, 9);
    expect(values[2]).toBeCloseTo(2.652078862174221, 9);
  });

  it('keeps falling in the far tail, where a look may spend 1e-100', () => {
    const design: SequentialDesign = { alpha: 0.05, sides: 2, spending: { kind: 'obrien_fleming' } };
    const early = Array.from({ length: 40 }, (_unused, day) => (day + 1) / 365);
    const values = boundaries(design, early).map((look) => look.criticalValue);
    for (let look = 1; look < values.length; look += 1) {
      expect(values[look]).toBeLessThanOrEqual(values[look - 1] ?? 0);
    }
    expect(values[39]).toBeCloseTo(alphaQuantile(design, 40 / 365), 1);
  });

  it('gives the daily plan that the product uses by default', () => {
    const values = boundaries(squared, daily).map((look) => look.criticalValue);
    expect(values[0]).toBeCloseTo(4.345610409836809, 9);
    expect(values[1]).toBeCloseTo(4.089348178363399, 9);
    expect(values[6]).toBeCloseTo(3.6, 2);
    expect(values[59]).toBeCloseTo(2.27, 2);
  });

  it('is the fixed test when there is one look', () => {
    expect(boundaries(squared, [1])[0]?.criticalValue).toBeCloseTo(1.959963984540054, 12);
    expect(boundaries({ ...squared, sides: 1 }, [1])[0]?.criticalValue).toBeCloseTo(1.6448536269514722, 12);
  });

  it('spends exactly alpha at any looks', () => {
    const steps = fc.array(fc.double({ min: 0.002, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 2), (increments, sides) => {
        const total = increments.reduce((sum, step) => sum + step, 0);
        const fractions = increments.map(
          (_step, index) => increments.slice(0, index + 1).reduce((sum, step) => sum + step, 0) / total,
        );
        const design = { ...squared, sides };
        const values = boundaries(design, fractions).map((look) => look.criticalValue);
        const { upper, lower } = exitProbabilities(values, fractions, sides);
        const crossed = [...upper, ...lower].reduce((sum, p) => sum + p, 0);
        expect(crossed).toBeCloseTo(0.05, 10);
      }),
      { numRuns: 40 },
    );
  });

  it('spends the rest at a last look that comes early, and no more when it comes late', () => {
    const closed = boundaries(squared, [0.3, 0.6], { final: true });
    expect(closed[1]?.alphaSpent).toBe(0.05);
    expect(closed[1]?.criticalValue).toBeLessThan(boundaries(squared, [0.3, 0.6])[1]?.criticalValue ?? 0);
    const overrun = boundaries(squared, [0.3, 1.4]);
    expect(overrun[1]?.alphaSpent).toBe(0.05);
    expect(overrun[1]?.criticalValue).toBeGreaterThan(1.95);
  });

  it('cannot reject at a look that has nothing to spend', () => {
    const late = boundaries(squared, [0.5, 1, 1.2]);
    expect(late[2]?.criticalValue).toBe(BOUNDARY_CEILING);
    expect(JSON.parse(JSON.stringify(late))).toEqual(late);
  });

  it('refuses looks that do not ascend', () => {
    expect(refusalOf(() => boundaries(squared, []))).toBe('no_data');
    expect(refusalOf(() => boundaries(squared, [0.5, 0.5]))).toBe('out_of_range');
    expect(refusalOf(() => boundaries(squared, [0, 1]))).toBe('out_of_range');
    expect(refusalOf(() => boundaries(squared, [0.5, Number.NaN]))).toBe('not_finite');
    expect(refusalOf(() => boundaries({ ...squared, alpha: 1 }, [1]))).toBe('out_of_range');
  });
});

/** The bound if all alpha so far were spent at this look alone: at most a little below the true one. */
function alphaQuantile(design: SequentialDesign, time: number): number {
  return -normalQuantile(alphaSpent(design, time) / design.sides);
}

describe('boundaryAt', () => {
  it('gives each day what the whole plan would have given it', () => {
    const whole = boundaries(squared, daily.slice(0, 12));
    for (const day of [1, 5, 12]) {
      const today = boundaryAt(squared, daily.slice(0, day));
      expect(today.criticalValue).toBeCloseTo(whole[day - 1]?.criticalValue ?? 0, 10);
    }
  });
});

describe('nextLook', () => {
  it('adds looks one by one to what all of them at once come to', () => {
    const whole = boundaries(squared, daily);
    let state: SequentialState | undefined;
    for (const [index, fraction] of daily.entries()) {
      state = nextLook(squared, state, fraction);
      expect(state.look).toEqual(whole[index]);
    }
  });

  it('closes with all alpha, and refuses a fraction that does not ascend', () => {
    const first = nextLook(squared, undefined, 0.4);
    const last = nextLook(squared, first, 0.7, { final: true });
    expect(last.look).toEqual(boundaries(squared, [0.4, 0.7], { final: true })[1]);
    expect(last.look.alphaSpent).toBe(squared.alpha);
    expect(refusalOf(() => nextLook(squared, first, 0.4))).toBe('out_of_range');
  });
});

describe('20,000 A/A tests of 60 daily looks', () => {
  const values = boundaries(squared, daily).map((look) => look.criticalValue);

  function falsePositiveRate(bounds: readonly number[]): number {
    const normal = normalSource(20261124);
    let rejected = 0;
    for (let run = 0; run < 20_000; run += 1) {
      let sum = 0;
      let crossed = false;
      for (const [day, bound] of bounds.entries()) {
        sum += normal();
        crossed ||= Math.abs(sum) > bound * Math.sqrt(day + 1);
      }
      if (crossed) rejected += 1;
    }
    return rejected / 20_000;
  }

  it('err in one of twenty with the boundaries', () => {
    const rate = falsePositiveRate(values);
    expect(rate).toBeGreaterThan(0.044);
    expect(rate).toBeLessThan(0.056);
  });

  it('err in a third when a fixed test is read daily', () => {
    expect(falsePositiveRate(daily.map(() => 1.959963984540054))).toBeGreaterThan(0.25);
  });
});
