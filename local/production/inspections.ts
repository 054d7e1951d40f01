// What is looked at in the production shape while and after theses lived on it: readiness, metrics, the attention list, the
// logs. Each look says what it found, or throws what is wrong.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiCaller } from '../../cli/client.ts';
import type { Composition } from './composition.ts';
import type { Ground } from './container.ts';

const LOOK_EVERY_MS = 250;
const READY_WITHIN_MS = 60_000;

interface Shape {
  readonly ground: Ground;
  readonly composition: Composition;
}

/** Where each container answers, by name. */
function urlsOf({ ground, composition }: Shape): [string, string][] {
  return [...composition.containers.keys()].map((name) => {
    const port = ground.addresses.portOf(name, name === 'api' ? 8080 : 8081);
    return [name, `http://127.0.0.1:${port}`];
  });
}

export async function allReady(given: Shape): Promise<string> {
  const begun = Date.now();
  for (const [name, url] of urlsOf(given)) {
    for (;;) {
      const answer = await fetch(`${url}/readyz`).catch(() => null);
      if (answer?.ok === true) break;
      if (Date.now() - begun > READY_WITHIN_MS) throw new Error(`${name} answers ${await answer?.text()}`);
      await sleep(LOOK_EVERY_MS);
    }
  }
  return `${((Date.now() - begun) / 1_000).toFixed(1)} s after they were healthy`;
}

export async function nothingNeedsAttention(admin: ApiCaller): Promise<string> {
  const { items } = await admin.get<{ items: object[] }>('/v1/theses?needsAttention=true');
  if (items.length > 0) throw new Error(JSON.stringify(items).slice(0, 500));
  return 'GET /v1/theses?needsAttention=true is empty';
}

export async function metricsOf(given: Shape, token: string): Promise<string> {
  let lines = 0;
  for (const [name, url] of urlsOf(given)) {
    const headers = { authorization: `Bearer ${token}` };
    const [shown, refused] = await Promise.all([
      fetch(`${url}/metrics`, { headers }),
      fetch(`${url}/metrics`),
    ]);
    if (!shown.ok || refused.ok)
      throw new Error(`${name} answers ${shown.status}, without it ${refused.status}`);
    lines += (await shown.text()).split('\n').filter((line) => line.startsWith('jalon_')).length;
  }
  return `${lines} figures of ours`;
}

export async function withoutSecrets(logs: string, secrets: readonly string[]): Promise<string> {
  const files = (await readdir(logs)).filter((name) => name.endsWith('.log') && name !== 'first-admin.log');
  for (const file of files) {
    const text = await readFile(path.join(logs, file), 'utf8');
    if (secrets.some((secret) => text.includes(secret))) throw new Error(`one stands in ${file}`);
  }
  return `${files.length} logs were searched for ${secrets.length} secrets`;
}
