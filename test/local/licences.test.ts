// The licences of what runs in production: listed, all on the list of those we take, and one that is not is found.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAllowed, licenceList, licencesOf } from '../../local/licences.ts';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

test('docs/licences.md is what the lock file says: `npm run licences -- --write` renews it', () => {
  expect(read('docs/licences.md')).toBe(licenceList(licencesOf(JSON.parse(read('package-lock.json')))));
});

test('every dependency that runs in production has a licence that we take', () => {
  const licences = licencesOf(JSON.parse(read('package-lock.json')));
  expect([...licences.keys()].filter((licence) => !isAllowed(licence))).toEqual([]);
  const names = [...licences.values()].flat();
  expect(names).toEqual(expect.arrayContaining(Object.keys(JSON.parse(read('package.json')).dependencies)));
});

test('what is for development only is not counted, what is nested is, and a licence that is missing is told', () => {
  const packages = {
    '': { license: 'UNLICENSED' },
    'node_modules/a': { license: 'MIT' },
    'node_modules/a/node_modules/@scope/b': { license: 'GPL-3.0-only' },
    'node_modules/c': { license: 'GPL-3.0-only', dev: true },
    'node_modules/d': {},
  };
  expect([...licencesOf({ packages })]).toEqual([
    ['GPL-3.0-only', ['@scope/b']],
    ['MIT', ['a']],
    ['none', ['d']],
  ]);
});

test.each([
  ['MIT', true],
  ['(ISC AND CC-BY-3.0)', true],
  ['GPL-3.0-only OR MIT', true],
  ['none', false],
  ['GPL-3.0-only', false],
  ['MIT AND GPL-3.0-only', false],
  ['(MIT OR GPL-3.0-only) AND AGPL-3.0-only', false],
  ['SEE LICENSE IN LICENSE', false],
])('%s: %s', (licence, allowed) => {
  expect(isAllowed(licence)).toBe(allowed);
});
