// The image of the rehearsal holds what the Dockerfile puts there and nothing else, so that what is missing in the image is
// missing in the rehearsal.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildImage } from '../../../local/production/image.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-image-'));
  await mkdir(path.join(folder, 'context', 'domain', 'deep'), { recursive: true });
  for (const name of ['package.json', 'config.ts', 'domain/stage.ts', 'domain/deep/gate.ts', 'secret.txt'])
    await writeFile(path.join(folder, 'context', name), name);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function build(...lines: readonly string[]) {
  await writeFile(path.join(folder, 'context', 'Dockerfile'), `${lines.join('\n')}\n`);
  return buildImage(path.join(folder, 'context'), path.join(folder, 'image'), () => undefined);
}

test('files, folders and what an earlier stage made are where the Dockerfile says, and no others', async () => {
  const image = await build(
    'FROM node:24.21.0-bookworm-slim AS made',
    'WORKDIR /app',
    '# Two files at once.',
    'COPY package.json config.ts ./',
    'RUN mkdir -p node_modules/one && \\',
    '  echo "$(ls)" > node_modules/one/list && npm cache clean --force',
    'FROM node:24.21.0-bookworm-slim',
    'ENV NODE_ENV=production BUNDLE=/app/dist/bundle.js',
    'WORKDIR /app',
    'COPY --from=made /app/node_modules ./node_modules',
    'COPY domain ./domain',
    'COPY config.ts renamed.ts',
    'USER node',
    'CMD ["node", "api/main.ts"]',
  );
  const files = await readdir(image.folder, { recursive: true, withFileTypes: true });
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => path.relative(image.folder, path.join(file.parentPath, file.name)));
  expect(paths.sort()).toEqual([
    'domain/deep/gate.ts',
    'domain/stage.ts',
    'node_modules/one/list',
    'renamed.ts',
  ]);
  expect(await readFile(path.join(image.folder, 'node_modules/one/list'), 'utf8')).toContain('config.ts');
  expect(image.env).toEqual({ NODE_ENV: 'production', BUNDLE: path.join(image.folder, 'dist/bundle.js') });
  expect(image.leftOut).toEqual(['npm cache clean --force']);
});

test('a stage begins with the files and settings of the stage that it names', async () => {
  const image = await build(
    'FROM node:24.21.0-bookworm-slim AS base',
    'WORKDIR /app',
    'ENV MODE=one',
    'COPY config.ts .',
    'FROM base',
    'RUN cat config.ts > copied-by-$MODE',
  );
  expect((await readdir(image.folder)).sort()).toEqual(['config.ts', 'copied-by-one']);
});

test.each([
  ['a file that is not there', 'COPY absent.ts ./', 'absent.ts'],
  ['a command that fails', 'RUN exit 3', 'code 3'],
  ['a stage that is not there', 'COPY --from=nowhere /app ./', 'nowhere'],
  ['an instruction that is not known', 'ONBUILD RUN true', 'ONBUILD'],
])('%s fails the build', async (_, line, why) => {
  await expect(build('FROM node:24.21.0-bookworm-slim', 'WORKDIR /app', line)).rejects.toThrow(why);
});
