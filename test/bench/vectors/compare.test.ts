// The comparison of computed figures with reference cases: it must find every deviation and no other.
import { describe, expect, it } from 'vitest';
import { type Adapter, runCase } from '../../../bench/vectors/compare.ts';
import { toleranceFor } from '../../../bench/vectors/tolerance.ts';

const stated = {
  '*': { rel: 1e-9, abs: 1e-12 },
  p: { rel: 1e-7 },
  'loss*': { abs: 0.5 },
  'mle.alpha, mle.beta': { rel: 0.01 },
  outliers: 'exact',
  p_other: 'informative only: for people',
  bound: 'within 2e-4 where below 6',
};

/** The worst deviation of one case, computed against reference, by field. */
function deviations(computed: unknown, reference: unknown, extra: Partial<Adapter> = {}) {
  const vector = { id: 'c1', in: {}, out: reference };
  const file = { topic: 'any', tolerance: stated, cases: [vector] };
  const adapter = { compute: () => computed, ...extra };
  return Object.fromEntries(runCase(file, vector, adapter, '.').map(({ field, share }) => [field, share]));
}

describe('toleranceFor', () => {
  it.each([
    [['estimate'], { rel: 1e-9, abs: 1e-12 }],
    [['z_pooled', 'p'], { rel: 1e-7, abs: 0 }],
    [['loss_if_kept'], { rel: 0, abs: 0.5 }],
    [['mle', 'beta'], { rel: 0.01, abs: 0 }],
    [['beta'], { rel: 1e-9, abs: 1e-12 }],
  ])('%s', (path, allowed) => {
    expect(toleranceFor(stated, path)).toEqual({ kind: 'numeric', allowed });
  });

  it('falls back to a strict default when the file states nothing', () => {
    expect(toleranceFor(undefined, ['x'])).toEqual({ kind: 'numeric', allowed: { rel: 1e-6, abs: 1e-9 } });
  });
});

describe('runCase', () => {
  it('measures a deviation as a share of what is allowed', () => {
    const { p } = deviations({ p: 1 + 3e-7 }, { p: 1 });
    expect(p).toBeCloseTo(3, 5);
    expect(deviations({ p: 1 }, { p: 1 })).toEqual({ p: 0 });
  });

  it.each([
    ['a missing field', {}],
    ['NaN', { x: Number.NaN }],
    ['null', { x: null }],
    ['the wrong infinity', { x: Number.NEGATIVE_INFINITY }],
    ['a finite number for an infinity', { x: 1e300 }],
  ])('finds %s wrong', (_, computed) => {
    expect(deviations(computed, { x: 'Infinity' }).x).toBe(Number.POSITIVE_INFINITY);
  });

  it('compares arrays element by element, and their lengths', () => {
    expect(deviations({ ci: [1, Number.POSITIVE_INFINITY] }, { ci: [1, 'Infinity'] })).toEqual({
      'ci.0': 0,
      'ci.1': 0,
    });
    expect(deviations({ ci: [1] }, { ci: [1, 2] })).toEqual({ ci: Number.POSITIVE_INFINITY });
  });

  it('asks for equality where the file says exact, and of texts and booleans', () => {
    expect(deviations({ outliers: [3, 5] }, { outliers: [3, 4] })['outliers.1']).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(deviations({ ok: true, error: 'A' }, { ok: true, error: 'A' })).toEqual({ ok: 0, error: 0 });
    expect(deviations({ ok: false }, { ok: true }).ok).toBe(Number.POSITIVE_INFINITY);
  });

  it('skips what is informative or ignored with a reason, and nothing else', () => {
    expect(deviations({}, { p_other: 1 })).toEqual({});
    expect(deviations({}, { extra: 1 }, { ignored: { extra: 'derived from another field' } })).toEqual({});
  });

  it('fails a tolerance in prose until it has a judge', () => {
    expect(deviations({ bound: 3 }, { bound: 3 }).bound).toBe(Number.POSITIVE_INFINITY);
    expect(deviations({ bound: 3 }, { bound: 3 }, { judges: { bound: () => 0.5 } }).bound).toBe(0.5);
  });

  it('reports what an adapter throws as a failure of the whole case', () => {
    const compute = () => {
      throw new Error('no answer');
    };
    expect(deviations(undefined, { x: 1 }, { compute })).toEqual({
      '(whole case)': Number.POSITIVE_INFINITY,
    });
  });

  it('names a bare value by its root field', () => {
    expect(deviations(2, 2, { rootField: () => 'p' })).toEqual({ p: 0 });
  });
});
