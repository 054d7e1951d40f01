// Looks at Jalon's own processes as anybody could: whether API and worker live, whether they are ready, and whether the
// operator's key is taken.

import { callerOf } from '../client.ts';
import { type Finding, fail, looking, ok, okIf, warn } from './finding.ts';

interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

const DEADLINE_MS = 5_000;

export async function lookAtApi(url: string | null): Promise<readonly Finding[]> {
  if (url === null) {
    return [fail('API', 'nothing says where it is', 'Give --api or JALON_API_URL, or run `npm start`.')];
  }
  return await looking('API', `Start it, or correct its address (${url}).`, async () => {
    const alive = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const lives = okIf(
      alive.ok,
      ok('API', `lives at ${url}`),
      fail('API', `${url} answers ${alive.status}`, 'Something else listens there: correct its address.'),
    );
    return [lives, await readiness('API ready', url)];
  });
}

export async function lookAtWorker(url: string | null): Promise<readonly Finding[]> {
  if (url === null) {
    const todo = 'Set JALON_WORKER_PORT for the workers, and here, to have them looked at.';
    return [warn('Worker ready', 'no worker says where it answers', todo)];
  }
  const todo = `Start the worker, or correct JALON_WORKER_PORT (${url}).`;
  return await looking('Worker ready', todo, async () => [await readiness('Worker ready', url)]);
}

export async function lookAtKey(
  url: string | null,
  key: () => Promise<string | null>,
): Promise<readonly Finding[]> {
  const todo = 'Set JALON_API_KEY, or keep a key in the file that JALON_API_KEY_FILE names (chmod 600).';
  return await looking('API key', 'Ask an administrator for a new key.', async () => {
    const token = await key();
    if (token === null) return [warn('API key', 'none is given', todo)];
    if (url === null) return [warn('API key', 'given, and there is no API to try it on', '')];
    const me = await callerOf(url, token, 0).get<{ memberId: string; roles: string[] }>('/v1/members/me');
    return [ok('API key', `of ${me.memberId} (${me.roles.join(', ')})`)];
  });
}

async function readiness(check: string, url: string): Promise<Finding> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(DEADLINE_MS) });
  const { ready, checks }: Readiness = JSON.parse(await answer.text());
  const wrong = Object.entries(checks).filter(([, state]) => state !== 'ok' && state !== 'running');
  const says = wrong.map(([name, state]) => `${name} ${state}`).join(', ');
  return okIf(
    ready,
    ok(check, 'everything it needs answers'),
    fail(check, says, 'Mend what is named, see its log.'),
  );
}
