// The cache never shows half an entry and two makers of one entry cannot harm each other.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addToCache, cacheFolder } from '../../local/download-cache.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the folder follows XDG_CACHE_HOME when it is absolute', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/var/c', HOME: '/home/ana' })).toBe('/var/c/jalon');
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative', HOME: '/home/ana' })).toBe('/home/ana/.cache/jalon');
  expect(cacheFolder({ HOME: '/home/ana' })).toBe('/home/ana/.cache/jalon');
});

test('two makers of the same file both end with a whole one and leave no working folder', async () => {
  const make = (content: string) =>
    addToCache(folder, 'program', async (workFolder) => {
      await writeFile(path.join(workFolder, 'made'), content);
      return path.join(workFolder, 'made');
    });
  const paths = await Promise.all([make('first'), make('second')]);
  expect(new Set(paths)).toEqual(new Set([path.join(folder, 'program')]));
  expect(['first', 'second']).toContain(await readFile(path.join(folder, 'program'), 'utf8'));
  expect(await readdir(folder)).toEqual(['program']);
});

test('the second maker of a folder keeps the one that is there', async () => {
  const make = (content: string) =>
    addToCache(folder, 'jars', async (workFolder) => {
      const made = path.join(workFolder, 'entry');
      await mkdir(made);
      await writeFile(path.join(made, 'a.jar'), content);
      return made;
    });
  await make('first');
  await make('second');
  expect(await readFile(path.join(folder, 'jars', 'a.jar'), 'utf8')).toBe('first');
  expect(await readdir(folder)).toEqual(['jars']);
});

test('a maker that fails leaves nothing', async () => {
  const failing = addToCache(folder, 'program', async (workFolder) => {
    await writeFile(path.join(workFolder, 'made'), 'half');
    throw new Error('the network went away');
  });
  await expect(failing).rejects.toThrow('the network went away');
  expect(await readdir(folder)).toEqual([]);
});
