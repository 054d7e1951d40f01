// `npm run fuzz`: schemathesis against a running API that has an organisation and a thesis in it, everything on this
// machine and in a temporary folder. Ends with 1 when an answer is a 5xx or not what the description says, when an invalid
// input is accepted, or when a key is found in a log.

import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { callerOf } from '../cli/client.ts';
import { parseConfig } from '../config.ts';
import { runCommand } from './command.ts';
import { INCONCLUSIVE } from './demo/inconclusive.ts';
import { launch } from './demo/life.ts';
import { prepareOrganisation } from './demo/organisation.ts';
import { settingsOf } from './fuzz/settings.ts';
import { isExecutable, machineEnvironment, reasonOf } from './machine.ts';
import { type Platform, startPlatform } from './platform.ts';

const VERSION = '4.32.5';
const HOOKS = fileURLToPath(new URL('fuzz/hooks.py', import.meta.url));
const INSTALL_WITHIN_MS = 5 * 60_000;

/** Beyond its time budget, which schemathesis overruns by the case in hand. */
const OVERRUN_MS = 120_000;

/** A thesis day in two seconds, until there is a gate. */
const FAST = 43_200;
const GATE_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 500;

/** How much of a token's end is its secret. */
const SECRET_LENGTH = 43;

/** The port of the discard service, at which nothing listens on a machine of today. */
const NOBODY = 'http://127.0.0.1:9/';

const say = (line: string): void => console.log(line);

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '240' },
    examples: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    /** A folder with schemathesis installed, or to install it into; kept. */
    tool: { type: 'string' },
    /** Python 3.11 or later. */
    python: { type: 'string', default: 'python3' },
    /** Fuzz only the operations whose path matches this regular expression. */
    path: { type: 'string' },
  },
});

const folder = await mkdtemp(path.join(tmpdir(), 'jalon-fuzz-'));
// Started as root, PostgreSQL runs as another user, who must get through here.
await chmod(folder, 0o711);
try {
  const tool = await install(options.tool ?? path.join(folder, 'tool'));
  const past = await withPlatform(FAST, prepare);
  process.exitCode = await withPlatform(1, (platform) => fuzz(platform, tool, past));
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function withPlatform<T>(clockRate: number, work: (platform: Platform) => Promise<T>): Promise<T> {
  const platform = await startPlatform(quietConfig(clockRate), say);
  try {
    return await work(platform);
  } finally {
    await platform.stop();
  }
}

/** Everything embedded, on free ports, with webhooks inside, and without the limits that a fuzzer would spend its time at. */
function quietConfig(clockRate: number) {
  return parseConfig({
    JALON_DATA_DIR: path.join(folder, 'data'),
    JALON_PORT: '0',
    JALON_REQUESTS_PER_MINUTE: '0',
    JALON_FAILED_ATTEMPTS: '1000000',
    JALON_CLOCK_RATE: String(clockRate),
    JALON_WEBHOOK_PRIVATE_TARGETS: 'allow',
  });
}

/** Schemathesis in a Python environment of its own; its program. */
async function install(tool: string): Promise<string> {
  const program = path.join(tool, 'bin', 'schemathesis');
  if (await isExecutable(program)) return program;
  say(`Installing schemathesis ${VERSION} under ${tool}.`);
  const within = { timeoutMs: INSTALL_WITHIN_MS, progress: say };
  await runCommand({ ...within, command: options.python, args: ['-m', 'venv', tool] });
  const pip = path.join(tool, 'bin', 'pip');
  await runCommand({ ...within, command: pip, args: ['install', '--quiet', `schemathesis==${VERSION}`] });
  return program;
}

interface Past {
  readonly adminToken: string;
  /** A gate that has opened. */
  readonly gateId: string;
}

/** An organisation, and a thesis that has lived to its first gate. */
async function prepare({ apiUrl, firstAdminToken }: Platform): Promise<Past> {
  if (firstAdminToken === null) throw new Error('the database is not new');
  const admin = callerOf(apiUrl, firstAdminToken);
  const { owner } = await prepareOrganisation(admin, apiUrl, null);
  const thesisId = await launch(INCONCLUSIVE, owner('ines-garcia'));
  const deadline = Date.now() + GATE_WITHIN_MS;
  while (Date.now() < deadline) {
    const { gateId } = await admin.get<{ gateId: string | null }>(`/v1/theses/${thesisId}`);
    if (gateId !== null) return { adminToken: firstAdminToken, gateId };
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`no gate opened within ${GATE_WITHIN_MS / 1_000} s`);
}

async function fuzz({ apiUrl }: Platform, program: string, { adminToken, gateId }: Past): Promise<number> {
  const admin = callerOf(apiUrl, adminToken);
  await admin.post('/v1/members', {
    memberId: 'fuzzer',
    name: 'Fuzzer',
    roles: ['admin', 'growth_lead', 'finance'],
  });
  const { token } = await admin.post<{ token: string }>('/v1/api-keys', {
    memberId: 'fuzzer',
    name: 'schemathesis',
    expiresAt: null,
  });
  const thesisId = await launch(INCONCLUSIVE, callerOf(apiUrl, token));
  const { webhookId } = await admin.post<{ webhookId: string }>('/v1/webhooks', {
    url: NOBODY,
    description: 'Leads to nobody',
  });
  const { deliveryId } = await admin.post<{ deliveryId: string }>(`/v1/webhooks/${webhookId}/ping`, {});
  say(`Fuzzing ${apiUrl} for ${options.seconds} s. The same again: --seed ${options.seed}`);
  const settings = path.join(folder, 'schemathesis.toml');
  await writeFile(settings, settingsOf({ thesisId, gateId, webhookId, deliveryId }));
  const code = await run(program, settings, apiUrl, { JALON_FUZZ_KEY: token, JALON_FUZZ_WEBHOOK: webhookId });
  const faults = await faultsInLogs([token, adminToken]);
  for (const fault of faults) say(fault);
  const alive = await fetch(`${apiUrl}/readyz`);
  if (!alive.ok) say(`The API is no longer ready: ${alive.status}.`);
  return code === 0 && faults.length === 0 && alive.ok ? 0 : 1;
}

function run(
  program: string,
  settings: string,
  apiUrl: string,
  hooked: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(
    program,
    [
      ...['--config-file', settings, 'run', `${apiUrl}/openapi.json`],
      // One thread: two that parse code at once fail in Python 3.11 (https://github.com/python/cpython/issues/106905).
      ...['--checks', 'all', '--mode', 'all', '--workers', '1'],
      ...['--max-examples', options.examples, '--max-time', options.seconds, '--seed', options.seed],
      ...['--request-timeout', '30', '--continue-on-failure'],
      ...(options.path === undefined ? [] : ['--include-path-regex', options.path]),
    ],
    {
      stdio: 'inherit',
      cwd: folder,
      env: { ...machineEnvironment(), ...hooked, SCHEMATHESIS_HOOKS: HOOKS },
      timeout: Number(options.seconds) * 1_000 + OVERRUN_MS,
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** What must not be in the logs: a key, or a failure of ours. */
async function faultsInLogs(tokens: readonly string[]): Promise<string[]> {
  const secrets = tokens.map((token) => token.slice(-SECRET_LENGTH));
  const faults: string[] = [];
  for (const name of ['api', 'worker']) {
    const text = await readFile(path.join(folder, 'data', `${name}.log`), 'utf8');
    if (secrets.some((secret) => text.includes(secret))) faults.push(`A key stands in ${name}.log.`);
    const errors = text.split('\n').filter((line) => /"level":(50|60)/.test(line));
    faults.push(...errors.slice(0, 20).map((line) => `${name}.log: ${line.slice(0, 2_000)}`));
  }
  return faults;
}
