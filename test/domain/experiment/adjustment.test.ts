// A plan that adjusts: what a covariate takes out of a mean, and everything that follows from the adjusted difference.
import { describe, expect, test } from 'vitest';
import { marginEffect, relativeInterval, standingOf } from '../../../domain/experiment/comparison.ts';
import { type DailySums, experimentData } from '../../../domain/experiment/data.ts';
import { type ArmLook, type ArmReading, readExperiment } from '../../../domain/experiment.ts';
import type { ExperimentPlan } from '../../../domain/playbook.ts';
import { cvr, data, means, only, plan, request, series } from '../experiment-fixture.ts';

const CUPED: ExperimentPlan = { ...plan, primaryMetric: 'average_basket', adjustment: 'cuped' };
const PLAIN: ExperimentPlan = { ...CUPED, adjustment: 'none' };

/** Means of 10 standard deviations of 4 in both periods, correlated by `rho`; 1,000 units a day. */
function arm(days: number, mean: number, preMean: number, rho: number): ArmLook[] {
  return means(days, mean, 4).map((look) => {
    const { n } = look;
    const spread = (n - 1) * 16;
    return {
      ...look,
      covariate: {
        n,
        sum: n * preMean,
        sumSquares: n * preMean * preMean + spread,
        sumOfProducts: n * mean * preMean + rho * spread,
      },
    };
  });
}

const baskets = (control: readonly ArmLook[], treatment: readonly ArmLook[]) =>
  data(series('average_basket', 'mean', { control, treatment }));

function read(
  from: ExperimentPlan,
  control: readonly ArmLook[],
  treatment: readonly ArmLook[],
  more: Parameters<typeof request>[1] = {},
): ArmReading {
  const asked = request(control.length, { goals: ['average_basket'], ...more });
  return only(readExperiment(from, baskets(control, treatment), asked).readings);
}

describe('an adjusted reading', () => {
  test('has the numbers of the published engine', () => {
    const control = {
      ...{ n: 976, sum: 24_602.628040262658, sumSquares: 653_631.9679442125 },
      covariate: {
        ...{ n: 976, sum: 19_348.412059445094, sumSquares: 409_170.28504800156 },
        sumOfProducts: 475_221.35771011974,
      },
    };
    const treatment = {
      ...{ n: 15_437, sum: 386_985.45292022114, sumSquares: 10_254_481.170169078 },
      covariate: {
        ...{ n: 15_437, sum: 308_539.90160091, sumSquares: 6_549_918.646036668 },
        sumOfProducts: 7_551_437.589041141,
      },
    };
    const fixed: ExperimentPlan = { ...CUPED, method: 'fixed_horizon', plannedUnits: 16_000 };
    const odd = { ...fixed, weights: { control: 976 / 16_413, treatment: 15_437 / 16_413 } };
    const one = { ...baskets([control], [treatment]), days: [7] };
    const { readings } = readExperiment(odd, one, request(7, { goals: [] }));
    const reading = only(readings);
    expect(reading.estimate).toBeCloseTo(-0.0024165604866, 9);
    // The standard error of that lift, by the weight that it was shrunken with: sd^2 / (sd^2 + se^2).
    const { weight, prior } = reading.shrunken ?? { weight: 1, prior: { sd: 0 } };
    expect(prior.sd * Math.sqrt((1 - weight) / weight)).toBeCloseTo(0.006914578409942, 10);
  });

  test('by hand: the difference loses theta times that of the period before, and 1 - rho^2 of its variance stays', () => {
    // Both arms alike before: theta is rho, z grows by 1 / sqrt(1 - .36).
    const [control, treatment] = [arm(10, 40, 40, 0.6), arm(10, 40.1, 40, 0.6)];
    const [adjusted, plain] = [CUPED, PLAIN].map((from) => read(from, control, treatment));
    expect(plain?.z).toBeCloseTo(0.1 / Math.sqrt((2 * 16) / 10_000), 6);
    expect((adjusted?.z ?? 0) / (plain?.z ?? 1)).toBeCloseTo(1 / 0.8, 3);
    expect(adjusted?.absolute).toBeCloseTo(0.1, 8);
    expect(adjusted?.adjustment).toMatchObject({
      method: 'cuped',
      varianceReduction: expect.closeTo(0.36, 3),
    });
    // Treatment was already ahead by .1 before: .06 of the difference is not its own.
    const ahead = read(CUPED, control, arm(10, 40.1, 40.1, 0.6));
    expect(ahead.absolute).toBeCloseTo(0.04, 4);
    // The lift is over what control has now, 40.
    expect(ahead.estimate).toBeCloseTo(0.04 / 40, 6);
  });

  test('has an interval around its lift, without 0 just when it is decided', () => {
    for (const lead of [0.05, 0.1, 0.16, 0.2, -0.2]) {
      const { interval, estimate, verdict } = read(CUPED, arm(10, 40, 40, 0.8), arm(10, 40 + lead, 40, 0.8));
      expect(interval?.lower).toBeLessThan(estimate ?? 0);
      expect(interval?.upper).toBeGreaterThan(estimate ?? 0);
      expect((interval?.lower ?? 0) > 0).toBe(verdict === 'better');
      expect((interval?.upper ?? 0) < 0).toBe(verdict === 'worse');
    }
  });

  test('has an interval as much narrower as its standard error, where both are still undecided', () => {
    const [control, treatment] = [arm(10, 40, 40, 0.8), arm(10, 40.02, 40, 0.8)];
    const [adjusted, plain] = [CUPED, PLAIN].map((from) => {
      const { interval, verdict } = read(from, control, treatment);
      expect(verdict).toBe('undecided');
      return (interval?.upper ?? 0) - (interval?.lower ?? 0);
    });
    expect((adjusted ?? 0) / (plain ?? 1)).toBeCloseTo(0.6, 2);
  });

  test('shows a guardrail unharmed where the plain one is still open', () => {
    const [control, treatment] = [arm(10, 40, 40, 0.9), arm(10, 40, 40, 0.9)];
    const guarded = { goals: [], guardrails: [{ metric: 'average_basket', margin: 0.004 }] } as const;
    expect(read(CUPED, control, treatment, guarded).nonInferiority).toBe('shown');
    expect(read(PLAIN, control, treatment, guarded).nonInferiority).toBe('undecided');
  });

  test('says so in both languages', () => {
    const { sentence, adjustment } = read(CUPED, arm(10, 40, 40, 0.6), arm(10, 40.3, 40, 0.6));
    expect(adjustment?.method).toBe('cuped');
    expect(sentence.en).toContain('is taken out (CUPED), which cuts the variance by 36.0%.');
    expect(sentence.fr).toContain('est retiré (CUPED), ce qui réduit la variance de 36,0 %.');
  });
});

describe('from the single units', () => {
  /** Units of a period and of the one before; noise that repeats nowhere near. */
  const unitsOf = (count: number, level: number, phase: number) =>
    Array.from({ length: count }, (_, unit) => {
      const before = 9 + 5 * Math.sin(unit * unit * 12.9 + phase);
      return { before, now: level + 0.7 * before + 3 * Math.sin(unit * unit * 7.3 + phase) };
    });
  type Unit = ReturnType<typeof unitsOf>[number];
  const total = (units: readonly Unit[], of: (unit: Unit) => number) =>
    units.reduce((sum, unit) => sum + of(unit), 0);
  const sumsOf = (units: readonly Unit[]): ArmLook => ({
    n: units.length,
    sum: total(units, ({ now }) => now),
    sumSquares: total(units, ({ now }) => now * now),
    covariate: {
      n: units.length,
      sum: total(units, ({ before }) => before),
      sumSquares: total(units, ({ before }) => before * before),
      sumOfProducts: total(units, ({ now, before }) => now * before),
    },
  });
  /** Variance of the mean of what is made of each unit. */
  const noise = (units: readonly Unit[], of: (unit: Unit) => number) => {
    const mean = total(units, of) / units.length;
    return total(units, (unit) => (of(unit) - mean) ** 2) / (units.length - 1) / units.length;
  };

  // A lift of half, so that the noise of control's own mean weighs.
  const [control, treatment] = [unitsOf(60, 4, 0), unitsOf(80, 9, 1)];
  const standing = standingOf({
    ...{ kind: 'mean', adjusted: true },
    ...{ control: sumsOf(control), treatment: sumsOf(treatment) },
  });
  if (standing.state !== 'ready') throw new Error(standing.state);
  const { comparison } = standing;
  const { theta = 0 } = comparison.adjustment?.effect ?? {};
  const left = ({ now, before }: Unit) => now - theta * before;
  const gap = total(treatment, left) / treatment.length - total(control, left) / control.length;
  const level = total(control, ({ now }) => now) / control.length;

  test('each end of the interval is the lift that is just as many standard errors away', () => {
    const interval = relativeInterval(comparison, { lower: 2, upper: 3 });
    for (const [lift, critical] of [
      [interval?.lower ?? 0, 2],
      [interval?.upper ?? 0, 3],
    ] as const) {
      const error = Math.sqrt(
        noise(treatment, left) + noise(control, (unit) => left(unit) + lift * unit.now),
      );
      expect(Math.abs(gap - lift * level) / error).toBeCloseTo(critical, 8);
    }
  });

  test.each([1, -1] as const)('a margin is as far as it is from the units, where better is %i', (better) => {
    const { estimate, standardError } = marginEffect(comparison, 0.4, better);
    expect(estimate).toBeCloseTo(better * gap + 0.4 * level, 10);
    const error = noise(treatment, left) + noise(control, (unit) => left(unit) - better * 0.4 * unit.now);
    expect(standardError).toBeCloseTo(Math.sqrt(error), 10);
  });
});

describe('nothing is adjusted', () => {
  const [control, treatment] = [arm(10, 40, 40, 0.6), arm(10, 40.1, 40.05, 0.6)];

  test('when the sealed plan does not say so, whatever the data carry', () => {
    const { adjustment: _, ...silent } = CUPED;
    const without = ({ covariate: __, ...look }: ArmLook) => look;
    const plain = read(silent, control.map(without), treatment.map(without));
    for (const from of [silent, PLAIN]) expect(read(from, control, treatment)).toEqual(plain);
    expect(plain).toMatchObject({ adjustment: null });
  });

  test('from the look on at which one unit of one arm has no covariate, and the reading says why', () => {
    const late = treatment.map(({ covariate, ...look }, index) => {
      if (covariate === undefined) return look;
      return { ...look, covariate: { ...covariate, n: covariate.n - (index < 9 ? 0 : 1) } };
    });
    const reading = read(CUPED, control, late);
    expect(reading).toMatchObject({
      adjustment: { method: 'none', why: 'missing_covariate' },
      z: read(PLAIN, control, late).z,
    });
    expect(reading.sentence.en).toContain('was not made, because some units have no covariate.');
    expect(reading.sentence.fr).toContain('n’a pas été fait, car des unités sont sans covariable.');
    // A verdict of before stays: it was taken on what was whole.
    const decided = read(CUPED, arm(10, 40, 40, 0.6), arm(10, 40.5, 40, 0.6));
    const gap = arm(10, 40.5, 40, 0.6).map(({ covariate, ...look }, index) =>
      covariate === undefined || index > 6 ? look : { ...look, covariate },
    );
    expect(decided).toMatchObject({ verdict: 'better', look: 7 });
    expect(read(CUPED, arm(10, 40, 40, 0.6), gap)).toEqual(decided);
  });

  test('of a share of units', () => {
    const { readings } = readExperiment({ ...plan, adjustment: 'cuped' }, cvr(100, 125, 15), request(15));
    expect(only(readings)).toMatchObject({ adjustment: { method: 'none', why: 'not_a_mean' } });
  });
});

test('a covariate that explains everything leaves nothing to compare, and impossible products are told', () => {
  expect(read(CUPED, arm(10, 40, 40, 1), arm(10, 40.1, 40, 1))).toMatchObject({ verdict: 'impossible' });
  const wild = read(CUPED, arm(10, 40, 40, 0.5), arm(10, 40.1, 40, 3));
  expect(wild.verdict).toBe('impossible');
  expect(wild.sentence.en).toContain('their sums contradict each other');
});

test('days add up, and those of units without a covariate are missing from its n', () => {
  const day = (on: number, name: string, covariate: DailySums['covariate']): DailySums => ({
    ...{ metric: 'average_basket', arm: name, day: `2026-06-0${on}` },
    ...{ n: '3', sum: '60', sumSquares: '1400', covariate },
  });
  const known = { n: '3', sum: '33', sumSquares: '449', sumOfProducts: '790' };
  const daily = [day(1, 'control', known), day(1, 'treatment', null), day(2, 'control', known)];
  const { metrics } = experimentData(CUPED, ['average_basket'], [...daily, day(2, 'treatment', known)]);
  expect(metrics[0]?.arms.control?.[1]?.covariate).toEqual({
    n: 6,
    sum: 66,
    sumSquares: 898,
    sumOfProducts: 1580,
  });
  expect(metrics[0]?.arms.treatment?.[0]).toEqual({ n: 3, sum: 60, sumSquares: 1400 });
  expect(metrics[0]?.arms.treatment?.[1]?.covariate?.n).toBe(3);
});
