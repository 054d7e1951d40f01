// Reads the project's own source as text and finds what it imports, for the tests of its architecture. Knows no rule.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Source {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** The path from the root for a file of the project, or the package's name. */
  readonly to: string;
  readonly isPackage: boolean;
  /** Gone once types are stripped. */
  readonly isType: boolean;
}

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Dependencies, what tools write, and what Git or the platform keep for themselves. */
const NOT_OURS = /^(node_modules|dist|build|coverage|\..+)$/;

/** Every file of the project whose name matches. */
export function readSources(named: RegExp, folder = ROOT): Source[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.test(entry.name) ? [] : readSources(named, path);
    if (!entry.isFile() || !named.test(entry.name)) return [];
    return [{ path: relative(ROOT, path).split('\\').join('/'), text: readFileSync(path, 'utf8') }];
  });
}

/** The text without its comments: whole lines and blocks, not what stands behind code on a line. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

const STATEMENT =
  /^(?:import|export)\s+(type\s)?([^'";]*?)\sfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** What a source imports or passes on, also by a call. */
export function importsOf({ path, text }: Source): Import[] {
  return [...withoutComments(text).matchAll(STATEMENT)].map((match) => {
    const [, type, names, from, bare, called] = match;
    const target = from ?? bare ?? called ?? '';
    const isPackage = !target.startsWith('.');
    return {
      from: path,
      to: isPackage ? packageOf(target) : posix.normalize(posix.join(posix.dirname(path), target)),
      isPackage,
      isType: type !== undefined || (names !== undefined && namesTypesOnly(names)),
    };
  });
}

/** The first folder of a path, or the file's own name at the root. */
export function topOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function packageOf(target: string): string {
  const parts = target.split('/');
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? target);
}

function namesTypesOnly(names: string): boolean {
  const inBraces = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  const listed =
    inBraces
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '') ?? [];
  return listed.length > 0 && listed.every((name) => name.startsWith('type '));
}
