// Adjusted p-values against statsmodels, and the order that the methods must keep between them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustPValues, multiplicityMethods } from '../../../../domain/statistics/comparison/multiplicity.ts';
import { refusalOf } from '../refusal.ts';

const pValues = [1.450191876734034e-11, 0.5677588236491797, 1.450191876734034e-11, 0.9484733515424228, 1];
const expected = {
  bonferroni: [7.25095938367017e-11, 1, 7.25095938367017e-11, 1, 1],
  holm: [7.25095938367017e-11, 1, 7.25095938367017e-11, 1, 1],
  hochberg: [5.800767506936136e-11, 1, 5.800767506936136e-11, 1, 1],
  bh: [3.625479691835085e-11, 0.9462647060819662, 3.625479691835085e-11, 1, 1],
  by: [8.278178629690111e-11, 1, 8.278178629690111e-11, 1, 1],
  sidak: [7.250959383459865e-11, 0.9849120344993872, 7.250959383459865e-11, 0.9999996367885978, 1],
  holm_sidak: [7.250959383459865e-11, 0.9192433287169075, 7.250959383459865e-11, 0.9973450044987293, 1],
};

const lists = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('adjustPValues', () => {
  it.each(multiplicityMethods)('%s matches the reference, ties included', (method) => {
    const { adjusted, reject } = adjustPValues(method, pValues, 0.05);
    for (const [index, value] of expected[method].entries()) {
      expect(Math.abs((adjusted[index] ?? 0) - value)).toBeLessThanOrEqual(1e-12 * value + 1e-15);
    }
    expect(reject).toEqual([true, false, true, false, false]);
  });

  it('leaves a single p-value alone', () => {
    for (const method of multiplicityMethods) {
      expect(adjustPValues(method, [0.031], 0.05).adjusted[0]).toBeCloseTo(0.031, 15);
    }
  });

  it('never makes a p smaller, and orders the methods by their strictness', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const by = (method: (typeof multiplicityMethods)[number]) =>
          adjustPValues(method, list, 0.05).adjusted;
        const [bonferroni, holm, hochberg, bh] = [by('bonferroni'), by('holm'), by('hochberg'), by('bh')];
        for (const [index, p] of list.entries()) {
          const chain = [bonferroni, holm, hochberg, bh].map((values) => values[index] ?? 0);
          for (let i = 1; i < chain.length; i += 1) {
            expect(chain[i]).toBeLessThanOrEqual((chain[i - 1] ?? 0) * (1 + 1e-12));
          }
          expect(chain.at(-1)).toBeGreaterThanOrEqual(p * (1 - 1e-12));
        }
      }),
    );
  });

  it('refuses an empty list and what is no probability', () => {
    expect(refusalOf(() => adjustPValues('holm', [], 0.05))).toBe('no_data');
    expect(refusalOf(() => adjustPValues('holm', [1.2], 0.05))).toBe('out_of_range');
    expect(refusalOf(() => adjustPValues('holm', [Number.NaN], 0.05))).toBe('out_of_range');
    expect(refusalOf(() => adjustPValues('holm', [0.2], 0))).toBe('out_of_range');
  });
});
