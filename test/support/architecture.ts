// The rules of the project's layout, as functions from sources to what breaks them, so that a test can also plant a
// violation. The layering is described in ARCHITECTURE.md; this is where it is enforced.
import { type Import, importsOf, type Source, topOf, withoutComments } from './source-tree.ts';

export interface Violation {
  readonly path: string;
  readonly rule: string;
}

interface Layer {
  /** Folders, or single files, that may be imported; `type:` before one allows its types only. */
  readonly mayImport: readonly string[];
  /** Packages that may be imported; absent: any. */
  readonly packages?: RegExp;
}

const LAYERS: Readonly<Record<string, Layer>> = {
  domain: { mayImport: [], packages: /^(decimal\.js|@stdlib\/.+)$/ },
  workflows: { mayImport: ['domain', 'type:activities'], packages: /^@temporalio\/(workflow|common)$/ },
  db: { mayImport: ['domain'] },
  activities: { mayImport: ['domain', 'db'] },
  web: { mayImport: ['domain', 'type:api'] },
  api: { mayImport: ['domain', 'db', 'web', 'workflows/contract.ts'] },
  worker: { mayImport: ['domain', 'db', 'activities', 'workflows', 'type:config.ts'] },
  cli: { mayImport: ['domain', 'config.ts', 'type:api', 'type:db', 'type:worker'] },
  bench: { mayImport: ['domain', 'db', 'activities', 'workflows', 'api', 'worker', 'local', 'config.ts'] },
  local: { mayImport: ['domain', 'db', 'activities', 'workflows', 'api', 'worker', 'cli', 'config.ts'] },
  config: { mayImport: ['domain'], packages: /^(zod|node:path)$/ },
  'config.ts': { mayImport: ['config'], packages: /^zod$/ },
  'vitest.config.ts': { mayImport: [] },
};

/** Where a process is put together out of all its parts, or a command reads its configuration. */
const COMPOSITION_ROOTS = [
  'api/main.ts',
  'worker/main.ts',
  'worker/revive.ts',
  'db/cli.ts',
  // Commands that reach behind the API: what they look at may be what is broken.
  'cli/doctor.ts',
  'cli/verify.ts',
];

/** Tools that ask for a default export. */
const DEFAULT_EXPORTS = ['vitest.config.ts', 'test/global-setup.ts'];

/** One reads the configuration; the others find programs on the PATH, or hand it on to a process they start. */
const ENVIRONMENT_READERS = ['config.ts', 'local/machine.ts', 'test/support/processes.ts'];

/** Names under which anything could be filed, and everything would be. */
const NO_HOMES = ['src', 'lib', 'libs', 'util', 'utils', 'common', 'helpers', 'services', 'types', 'shared'];

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config))?\.tsx?$/;

/** What makes the same inputs give another answer, or an answer later. */
const IMPURE =
  /\b(async|await|Promise|Date\.now|new Date\(\)|Math\.random|performance|setTimeout|process|fetch)\b/;

/** Ways around the compiler and the tests. */
const BACK_DOORS: readonly (readonly [RegExp, string])[] = [
  [/\bas\s+unknown\s+as\b/, 'a type is asserted through unknown'],
  [/@ts-(ignore|expect-error|nocheck)/, 'the compiler is silenced'],
  [/\b(test|it|describe)\.(skip|only|todo)\b/, 'a test is left out'],
  [/\bT[O]DO\b|\bFIXM[E]\b/, 'something is left for later'],
];

export function layeringViolations(sources: readonly Source[]): Violation[] {
  return sources.flatMap(importsOf).flatMap((one) => {
    const broken = one.isPackage ? brokenByPackage(one) : brokenByLayer(one);
    return broken === null ? [] : [{ path: one.from, rule: broken }];
  });
}

/** Folders that import each other, directly or in a circle; composition roots stand outside. */
export function folderCycles(sources: readonly Source[]): string[][] {
  const edges = new Map<string, Set<string>>();
  for (const { from, to, isPackage } of sources.flatMap(importsOf)) {
    const crosses = !isPackage && topOf(from) !== topOf(to);
    if (!crosses || COMPOSITION_ROOTS.includes(from)) continue;
    edges.set(topOf(from), (edges.get(topOf(from)) ?? new Set()).add(topOf(to)));
  }
  return cyclesIn(edges);
}

/** Files that need each other to load, in a circle: the order of loading would decide what works. */
export function fileCycles(sources: readonly Source[]): string[][] {
  const edges = new Map<string, Set<string>>();
  for (const { from, to, isPackage, isType } of sources.flatMap(importsOf)) {
    if (!isPackage && !isType) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  }
  return cyclesIn(edges);
}

export function fileViolations(sources: readonly Source[]): Violation[] {
  return sources.flatMap(({ path, text }) => {
    const broken = [...placeRules(path), ...textRules(path, text)];
    return broken.map((rule) => ({ path, rule }));
  });
}

function brokenByPackage({ from, to }: Import): string | null {
  const layer = LAYERS[topOf(from)];
  if (layer?.packages === undefined || layer.packages.test(to)) return null;
  return `${topOf(from)} imports the package ${to}`;
}

function brokenByLayer({ from, to, isType }: Import): string | null {
  const [here, there] = [topOf(from), topOf(to)];
  if (here === there || here === 'test') return null;
  const rule = `${here} imports ${to}`;
  if (there === 'test' || (there === 'local' && here !== 'bench')) return rule;
  if (there === 'config' && here !== 'config.ts') return rule;
  if (COMPOSITION_ROOTS.includes(from)) return null;
  const layer = LAYERS[here];
  if (layer === undefined) return `${here} has no layer`;
  const allowed = [there, to].some(
    (name) => layer.mayImport.includes(name) || (isType && layer.mayImport.includes(`type:${name}`)),
  );
  return allowed ? null : rule;
}

function placeRules(path: string): string[] {
  const parts = path.split('/');
  const folders = parts.slice(0, -1);
  const name = parts.at(-1) ?? '';
  const homeless = folders.find((folder) => NO_HOMES.includes(folder));
  // Tests mirror the tree, so that they may lie one folder deeper.
  const depth = folders[0] === 'test' ? folders.length - 1 : folders.length;
  return [
    ...(homeless === undefined ? [] : [`${homeless} is no home`]),
    ...(depth > 3 ? ['lies more than two folders below its top-level name'] : []),
    ...(KEBAB.test(name) && folders.every((folder) => KEBAB.test(`${folder}.ts`))
      ? []
      : ['is not in kebab-case']),
  ];
}

function textRules(path: string, text: string): string[] {
  const code = withoutComments(text);
  const opens = /^(#!.*\n)?(\/\/|\/\*)/.test(text);
  const exportsDefault = /^export\s+default\b|^export\s*\{[^}]*\bas\s+default\b/m.test(code);
  const readsEnvironment =
    /\bprocess\.env\b/.test(withoutQuotes(code)) && !ENVIRONMENT_READERS.includes(path);
  const impure = topOf(path) === 'domain' ? IMPURE.exec(withoutTexts(code))?.[0] : undefined;
  return [
    ...(opens ? [] : ['does not open with a comment on what it owns']),
    ...(exportsDefault && !DEFAULT_EXPORTS.includes(path) ? ['has a default export'] : []),
    ...(readsEnvironment ? ['reads process.env'] : []),
    ...(impure === undefined ? [] : [`is not pure: ${impure}`]),
    ...BACK_DOORS.filter(([pattern]) => pattern.test(text)).map(([, rule]) => rule),
  ];
}

/** The code without the contents of its strings and the comments behind it. */
function withoutTexts(code: string): string {
  return withoutQuotes(code).replace(/`(?:[^`\\]|\\.)*`|\/\/.*$/gm, "''");
}

/** The code without quoted strings and patterns; what a template computes is still code. */
function withoutQuotes(code: string): string {
  return code.replace(/'(?:[^'\\\n]|\\.)*'|(?<=[(=,:]\s*)\/(?![/*])(?:[^/\\\n]|\\.)+\//g, "''");
}

function cyclesIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      cycles.push([...path.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return cycles;
}
