// The embedded platform's backup: refused while it runs, whole, and enough for its theses to live on elsewhere, even
// without what Temporal kept.
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { callerOf } from '../../cli/client.ts';
import { parseConfig } from '../../config.ts';
import { backUp, restore } from '../../local/archive.ts';
import { LOSER } from '../../local/demo/loser.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { runningProgram } from '../support/processes.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const folders: string[] = [];
let platform: Platform | undefined;

afterEach(async () => {
  await platform?.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'jalon-backup-'));
  // PostgreSQL runs as another user where we are root, and must be able to pass.
  await chmod(made, 0o755);
  folders.push(made);
  return made;
}

async function start(dataDir: string, said: string[] = []): Promise<Platform> {
  platform = await startPlatform({ ...parseConfig({}), dataDir, port: 0 }, (line) => said.push(line));
  return platform;
}

async function stop(): Promise<void> {
  await platform?.stop();
  platform = undefined;
}

interface Shown {
  readonly hold: { readonly reason: string } | null;
  readonly sequence: number;
}

const hold = (reason: string) => ({ reason, until: '2099-01-01T00:00:00.000Z' });

test('a backup goes on elsewhere; without Temporal’s file its theses go on from their ledger', async () => {
  const [home, elsewhere, third, kept] = [await folder(), await folder(), await folder(), await folder()];
  const file = path.join(kept, 'jalon.tar.gz');
  const first = await start(home);
  const token = first.firstAdminToken ?? '';
  const { thesisId } = await callerOf(first.apiUrl, token).post<{ thesisId: string }>(
    '/v1/theses',
    LOSER.launch,
  );
  await callerOf(first.apiUrl, token).post(`/v1/theses/${thesisId}/hold`, hold('Strike.'));
  await expect(backUp(home, file)).rejects.toThrow(/runs on .*: stop it/);
  expect(await readdir(kept)).toEqual([]);

  await stop();
  await backUp(home, file);
  expect(await readdir(kept)).toEqual(['jalon.tar.gz']);
  expect((await stat(file)).mode & 0o077).toBe(0);
  await expect(restore(home, file)).rejects.toThrow(/holds data already/);

  await restore(elsewhere, file);
  const said: string[] = [];
  const second = await start(elsewhere, said);
  // The key of before opens it, and nobody is made first administrator a second time.
  expect(second.firstAdminToken).toBeNull();
  const lead = callerOf(second.apiUrl, token);
  expect(await lead.get<Shown>(`/v1/theses/${thesisId}`)).toMatchObject({ hold: { reason: 'Strike.' } });
  await lead.post(`/v1/theses/${thesisId}/resume`, { reason: 'Over.' });
  expect(said.join('\n')).not.toContain('of its ledger');
  await stop();

  await restore(third, file);
  for (const name of await readdir(third)) {
    if (name.startsWith('temporal.sqlite')) await rm(path.join(third, name));
  }
  const bare = await start(third, said);
  expect(said.join('\n')).toMatch(
    new RegExp(`Thesis ${thesisId}: its run was missing; it goes on from event \\d+`),
  );
  await callerOf(bare.apiUrl, token).post(`/v1/theses/${thesisId}/resume`, { reason: 'Over.' });
  expect(await callerOf(bare.apiUrl, token).get<Shown>(`/v1/theses/${thesisId}`)).toMatchObject({
    hold: null,
  });
});

test('what is no platform, or no backup, is refused with what to do, and leaves nothing behind', async () => {
  const [empty, kept] = [await folder(), await folder()];
  await expect(backUp(empty, path.join(kept, 'x.tar.gz'))).rejects.toThrow(/holds no platform/);
  await expect(restore(empty, path.join(kept, 'absent.tar.gz'))).rejects.toThrow(/tar/);
  expect([...(await readdir(empty)), ...(await readdir(kept))]).toEqual([]);
  const program = await runningProgram('local/backup.ts', { JALON_DATA_DIR: empty }, 'backup');
  expect(program).toMatchObject({ code: 2, printed: expect.stringContaining('npm run backup -- FILE') });
});
