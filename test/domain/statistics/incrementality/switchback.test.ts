// Switchback: effect and three kinds of standard error against statsmodels.
import { describe, expect, it } from 'vitest';
import { switchback } from '../../../../domain/statistics/incrementality/switchback.ts';
import { refusalOf } from '../refusal.ts';

const input = {
  y: [
    49.93245, 54.30768, 48.95464, 46.15261, 50.45796, 53.0723, 49.94036, 45.19999, 49.77397, 54.37044,
    48.62177, 44.42322, 49.50785, 52.29395, 51.09745, 45.20184, 50.47395, 54.83884, 50.12624, 45.22946,
    50.14377, 53.33338, 50.93659, 45.66752, 51.49989, 55.66629, 49.82284, 45.21059,
  ],
  treated: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0],
  slot: [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3],
  block: [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6],
  lags: 3,
};

describe('switchback', () => {
  it('matches the reference', () => {
    const { effect, standardErrors } = switchback(input);
    expect(effect).toBeCloseTo(-0.37522520833330775, 10);
    expect(standardErrors.ols).toBeCloseTo(0.3210645012274923, 10);
    expect(standardErrors.hac).toBeCloseTo(0.21782456538143008, 10);
    expect(standardErrors.hacCorrected).toBeCloseTo(0.2403377293962602, 10);
    expect(standardErrors.block).toBeCloseTo(0.32546215958618446, 10);
  });

  it('does not see the shape of the day', () => {
    const y = input.y.map((value, period) => value + 10 * (input.slot[period] ?? 0));
    expect(switchback({ ...input, y }).effect).toBeCloseTo(switchback(input).effect, 9);
  });

  it('refuses the impossible', () => {
    const run = (change: object) => refusalOf(() => switchback({ ...input, ...change }));
    expect(run({ treated: input.slot.map((slot) => (slot > 1 ? 1 : 0)) })).toBe('zero_variance');
    expect(run({ y: input.y.slice(1) })).toBe('contradictory_sums');
    expect(run({ lags: -1 })).toBe('out_of_range');
    expect(run({ block: input.block.map(() => 1) })).toBe('too_few');
    expect(run({ y: [], treated: [], slot: [], block: [] })).toBe('no_data');
  });
});
