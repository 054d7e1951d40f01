// `npm run licences`: the licence of every dependency that runs in production, from the lock file, platforms other than
// this one included. Ends with 1 when one is not on the list of those we take. `-- --write` renews docs/licences.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** SPDX identifiers that ask for nothing but to be named. */
const ALLOWED: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSL-1.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Unlicense',
];

/** What packages say elsewhere than in their package.json. */
const SAID_ELSEWHERE: Readonly<Record<string, string>> = {
  // Its README: "Unlicense - public domain."
  unionfs: 'Unlicense',
};

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly license?: string }>>;
}

/** Names of production dependencies by licence, both in order. */
export function licencesOf({ packages }: LockFile): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const [path, { dev = false, license }] of Object.entries(packages)) {
    if (path === '' || dev) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const licence = license ?? SAID_ELSEWHERE[name] ?? 'none';
    found.set(licence, (found.get(licence) ?? new Set()).add(name));
  }
  return new Map([...found].sort().map(([licence, names]) => [licence, [...names].sort()]));
}

/** Whether we may use it: every part of an AND is on the list, or one part of an OR; what mixes both is for people. */
export function isAllowed(licence: string): boolean {
  const parts = licence.replace(/^\((.*)\)$/, '$1').split(/ (AND|OR) /);
  const words = new Set(parts.filter((_, index) => index % 2 === 1));
  const named = parts.filter((_, index) => index % 2 === 0).map((part) => ALLOWED.includes(part));
  if (words.size > 1) return false;
  return words.has('OR') ? named.includes(true) : !named.includes(false);
}

/** The list for people, as Markdown. */
export function licenceList(licences: ReadonlyMap<string, readonly string[]>): string {
  const head =
    '# Licences of the dependencies that run in production\n\nMade by `npm run licences -- --write`.\n';
  const parts = [...licences].map(([licence, names]) => `\n## ${licence}\n\n${names.join(', ')}\n`);
  return head + parts.join('');
}

if (import.meta.main) {
  const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
  const licences = licencesOf(JSON.parse(readFileSync(file('package-lock.json'), 'utf8')));
  if (process.argv.includes('--write')) writeFileSync(file('docs/licences.md'), licenceList(licences));
  for (const [licence, names] of licences) console.log(`${String(names.length).padStart(4)}  ${licence}`);
  const refused = [...licences].filter(([licence]) => !isAllowed(licence));
  for (const [licence, names] of refused) console.error(`Not allowed: ${licence} (${names.join(', ')})`);
  process.exitCode = refused.length === 0 ? 0 : 1;
}
