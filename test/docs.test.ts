// Every link that the documents make to a place in this project leads somewhere: files, folders and headings.
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSources, type Source } from './support/source-tree.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DOCUMENTS = readSources(/\.md$/).filter(({ path }) => !path.includes('/') || path.startsWith('docs/'));

/** `[text](target)` and `[name]: target`, images included. */
const LINK = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s+<?(\S+?)>?\s*$/gm;

/** The targets of a document's links that leave neither for the web nor for a mail program. */
function localLinks(text: string): string[] {
  const prose = text.replace(/^(```|~~~)[\s\S]*?^\1\s*$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((target) => !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target));
}

/** The names under which a document's headings can be linked to. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = '']) => {
    const words = heading
      .toLowerCase()
      .replace(/`/g, '')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '');
    const anchor = words.trim().replace(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

function isBroken(target: string, { path, text }: Source): boolean {
  const [file = '', anchor] = decodeURIComponent(target).split('#');
  const place = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
  if (file !== '' && (place.startsWith('..') || !existsSync(join(ROOT, place)))) return true;
  if (anchor === undefined || anchor === '') return false;
  const linked = place === path ? text : DOCUMENTS.find((document) => document.path === place)?.text;
  // Only documents have headings: an anchor into code, such as `#L10`, moves with every change.
  return linked === undefined || !anchorsOf(linked).includes(anchor);
}

test('there is a README', () => {
  expect(DOCUMENTS.map(({ path }) => path)).toContain('README.md');
});

describe.each(DOCUMENTS)('$path', (document) => {
  test('links to places that exist', () => {
    expect(localLinks(document.text).filter((target) => isBroken(target, document))).toEqual([]);
  });
});

describe('a link', () => {
  const text =
    '# The two commands\n\n[a](README.md) ![b](docs/none.png "title") [c](https://example.org) `[d](x)`\n';

  test('is found in prose, not in code, and not when it leads to the web', () => {
    expect(localLinks(`${text}\n\`\`\`\n[e](y)\n\`\`\`\n[f]: domain/gate.ts\n`)).toEqual([
      'README.md',
      'docs/none.png',
      'domain/gate.ts',
    ]);
  });

  test('is broken without its file or its heading', () => {
    const document = { path: 'PLANTED.md', text };
    const broken = ['docs/none.png', '../outside.md', '#no-heading', 'config.ts#L1'];
    expect(broken.filter((target) => !isBroken(target, document))).toEqual([]);
    const whole = ['README.md', '#the-two-commands', 'domain/gate.ts', 'domain'];
    expect(whole.filter((target) => isBroken(target, document))).toEqual([]);
  });
});
