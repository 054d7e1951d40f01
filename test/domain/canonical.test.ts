// One text for one value: what every hash in Jalon is taken over.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from '../../domain/canonical.ts';

test('orders keys by code unit, at every depth, without white space', () => {
  expect(canonical({ b: [1, { d: null, c: 'x' }], a: true, B: -0 })).toBe(
    '{"B":0,"a":true,"b":[1,{"c":"x","d":null}]}',
  );
  expect(canonical({ '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, '\ufb33': 5 })).toBe(
    '{"\\r":2,"1":3,"\u20ac":1,"\ud83d\ude00":4,"\ufb33":5}',
  );
});

test('leaves out members that are undefined, as JSON does', () => {
  expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test('refuses what JSON cannot carry', () => {
  for (const value of [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    () => 1,
    undefined,
    [undefined],
    Symbol('s'),
  ]) {
    expect(() => canonical(value)).toThrow(TypeError);
  }
});

test('is the same for any order of keys, different for different values, and is JSON', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).toReversed();
    return Object.fromEntries(entries.map(([key, member]) => [key, shuffled(member)]));
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonical(shuffled(value))).toBe(canonical(value));
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
