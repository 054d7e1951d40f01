// How Temporal's programs are looked for: what the user chose wins, the cache saves work, and a search in
// vain explains itself.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { searchInOrder } from '../../local/search-chain.ts';
import { findTemporal } from '../../local/temporal-binary.ts';
import { findTemporalServer, TEMPORAL_SERVER_VERSION } from '../../local/temporal-server-binary.ts';
import { findTimeSkippingServer } from '../../local/time-skipping.ts';

let folder: string;
const log = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-search-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A stand-in program that prints `answer` whatever it is asked. */
async function program(name: string, answer = 'temporal version 1.2.3 (Server 9, UI 9)'): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho '${answer}'\n`);
  await chmod(file, 0o755);
  return file;
}

describe('the temporal program', () => {
  test('is the one of TEMPORAL_CLI_PATH before the one on PATH', async () => {
    const chosen = await program('chosen');
    await program('bin/temporal');
    const env = { TEMPORAL_CLI_PATH: chosen, PATH: path.join(folder, 'bin') };
    expect(await findTemporal({ log, env })).toBe(chosen);
  });

  test('is an error when TEMPORAL_CLI_PATH names something else', async () => {
    const other = await program('other', 'a workflow tool of the same name');
    await expect(findTemporal({ log, env: { TEMPORAL_CLI_PATH: other } })).rejects.toThrow(
      "is not Temporal's",
    );
    const absent = path.join(folder, 'absent');
    await expect(findTemporal({ log, env: { TEMPORAL_CLI_PATH: absent } })).rejects.toThrow('does not run');
  });

  test('is the one on PATH before the cached one', async () => {
    const onPath = await program('bin/temporal');
    await program('jalon/temporal-cli');
    const env = { PATH: path.join(folder, 'bin'), XDG_CACHE_HOME: folder };
    expect(await findTemporal({ log, env })).toBe(onPath);
  });

  test('is the cached one when the one on PATH is not Temporal', async () => {
    await program('bin/temporal', 'something else');
    const cached = await program('jalon/temporal-cli');
    const env = { PATH: path.join(folder, 'bin'), XDG_CACHE_HOME: folder };
    expect(await findTemporal({ log, env })).toBe(cached);
  });
});

describe("Temporal's server and its schema tool", () => {
  const both = async (folder: string, version: string) => {
    await program(`${folder}/temporal-sql-tool`, `temporal-sql-tool version ${version}`);
    return path.dirname(await program(`${folder}/temporal-server`, `temporal version ${version}`));
  };
  const env = () => ({ PATH: path.join(folder, 'bin'), XDG_CACHE_HOME: folder });

  test('are those on PATH before the cached ones', async () => {
    const onPath = await both('bin', TEMPORAL_SERVER_VERSION);
    await both(`jalon/temporal-server-${TEMPORAL_SERVER_VERSION}`, TEMPORAL_SERVER_VERSION);
    expect((await findTemporalServer({ log, env: env() })).folder).toBe(onPath);
  });

  test('are the cached ones when those on PATH are of another version', async () => {
    await both('bin', '1.20.0');
    const cached = await both(`jalon/temporal-server-${TEMPORAL_SERVER_VERSION}`, TEMPORAL_SERVER_VERSION);
    expect((await findTemporalServer({ log, env: env() })).folder).toBe(cached);
  });

  test('that are nowhere, on a machine without Go, say what to do', async () => {
    await expect(findTemporalServer({ log, env: env() })).rejects.toThrow(
      /Go is not on PATH\nInstall Go .*or put temporal-server/s,
    );
  });
});

describe('the time-skipping server', () => {
  test('is the one of TEMPORAL_TEST_SERVER_PATH, which must be a program', async () => {
    const chosen = await program('chosen');
    expect(await findTimeSkippingServer({ log, env: { TEMPORAL_TEST_SERVER_PATH: chosen } })).toBe(chosen);
    const env = { TEMPORAL_TEST_SERVER_PATH: path.join(folder, 'absent') };
    await expect(findTimeSkippingServer({ log, env })).rejects.toThrow('not a program that can be run');
  });

  test('is the cached native one before the cached Java one', async () => {
    const native = await program('jalon/temporal-test-server');
    await program('jalon/temporal-test-server-java-1.38.0/start.sh');
    expect(await findTimeSkippingServer({ log, env: { XDG_CACHE_HOME: folder } })).toBe(native);
  });
});

test('a search in vain lists every place with its reason, and what to do', async () => {
  const search = searchInOrder({
    what: 'The program',
    log,
    advice: 'Install it.',
    places: [
      { name: 'here', find: async () => ({ absent: 'not there' }) },
      { name: 'there', find: () => Promise.reject(new Error('no network')) },
    ],
  });
  await expect(search).rejects.toThrow(
    'The program was not found. Tried:\n  - here: not there\n  - there: no network\nInstall it.',
  );
});
