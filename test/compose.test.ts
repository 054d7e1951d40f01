// The production shape as files: docker-compose.yml and the Dockerfile agree with config.ts, with each other and with
// the sources. No engine runs here: what the containers do is not tested by this.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exampleFile, parseConfig } from '../config.ts';
import { TEMPORAL_SERVER_VERSION } from '../local/temporal-server-binary.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');

const text = read('docker-compose.yml');
const dockerfile = read('Dockerfile');
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const own = services.filter(([, { build }]) => build !== undefined);

/** Every key that config.ts knows, as its example file lists them. */
const CONFIG_KEYS = [...exampleFile().matchAll(/^#([A-Z_]+)=/gm)].map(([, key]) => key);

/** Read by Temporal's own programs, which stand in the services that are not ours. */
const TEMPORALS_OWN = ['TEMPORAL_ADDRESS', 'TEMPORAL_DEFAULT_NAMESPACE'];

/** What the person who deploys gives. */
const GIVEN: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'abcdef0123456789',
  JALON_OWNER_PASSWORD: 'bcdef0123456789a',
  JALON_SERVICE_PASSWORD: 'cdef0123456789ab',
  TEMPORAL_PASSWORD: 'def0123456789abc',
  JALON_SECRET_KEY: `${'A'.repeat(43)}=`,
};

function interpolated(value: string): string {
  return value.replace(/\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}/g, (_, name: string, otherwise?: string) => {
    return GIVEN[name] ?? otherwise ?? '';
  });
}

function environmentOf({ environment = {} }: Service): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, interpolated(String(value))]),
  );
}

test('all the parts are there', () => {
  const names = services.map(([name]) => name).sort();
  expect(names).toEqual([
    'api',
    'migrate',
    'postgres',
    'postgres-logins',
    'temporal',
    'temporal-namespace',
    'temporal-schema',
    'temporal-ui',
    'worker',
  ]);
  expect(own.map(([name]) => name).sort()).toEqual(['api', 'migrate', 'worker']);
});

describe('the environment', () => {
  test('has no variable that nobody reads', () => {
    const unknown = services.flatMap(([name, { build, environment = {} }]) =>
      Object.keys(environment)
        .filter((key) => /^(JALON|DATABASE|TEMPORAL)_/.test(key))
        .filter((key) => !(build === undefined ? TEMPORALS_OWN : CONFIG_KEYS).includes(key))
        .map((key) => `${name}: ${key}`),
    );
    expect(unknown).toEqual([]);
  });

  test.each(own)('of %s is a configuration, and leads to services that it waits for', (name, service) => {
    const { databaseUrl, temporalAddress, secretKey } = parseConfig(environmentOf(service));
    expect(secretKey).not.toBeNull();
    expect(new URL(databaseUrl ?? '').hostname).toBe('postgres');
    // The migration job needs its login alone; who needs its outcome waits for PostgreSQL through it.
    const needs = name === 'migrate' ? ['postgres-logins'] : ['migrate', 'temporal', 'temporal-namespace'];
    expect(Object.keys(service.depends_on ?? {})).toEqual(needs);
    expect(temporalAddress).toBe('temporal:7233');
  });

  test('gives each service the password of its own login, and no other', () => {
    const passwords = Object.keys(GIVEN).filter((name) => name.endsWith('_PASSWORD'));
    const given = services.map(([name, service]) => {
      const own = JSON.stringify(service);
      return [name, passwords.filter((password) => own.includes(`{${password}:`))];
    });
    expect(Object.fromEntries(given)).toEqual({
      postgres: ['POSTGRES_PASSWORD'],
      'postgres-logins': ['POSTGRES_PASSWORD', 'JALON_OWNER_PASSWORD', 'TEMPORAL_PASSWORD'],
      'temporal-schema': ['TEMPORAL_PASSWORD'],
      temporal: ['TEMPORAL_PASSWORD'],
      'temporal-namespace': [],
      'temporal-ui': [],
      migrate: ['JALON_OWNER_PASSWORD', 'JALON_SERVICE_PASSWORD'],
      api: ['JALON_SERVICE_PASSWORD'],
      worker: ['JALON_SERVICE_PASSWORD'],
    });
  });

  test('asks for every secret, and has no value in its place', () => {
    const names = [...text.matchAll(/\$\{([A-Z_]+)(:[?-])?/g)].map(([, name, kind]) => `${name}${kind}`);
    expect([...new Set(names)].sort()).toEqual([
      'JALON_LOG_LEVEL:-',
      'JALON_METRICS_TOKEN:-',
      'JALON_OWNER_PASSWORD:?',
      'JALON_SECRET_KEY:?',
      'JALON_SERVICE_PASSWORD:?',
      'POSTGRES_PASSWORD:?',
      'TEMPORAL_PASSWORD:?',
    ]);
  });
});

describe('every service', () => {
  test.each(services)('%s has a pinned image and runs no development server', (name, service) => {
    const { image, command = [], entrypoint = [], restart } = service;
    expect(image).toMatch(/:\d+\.\d+/);
    expect([image, ...entrypoint, ...command].join(' ')).not.toMatch(/start-dev|auto-setup|local\//);
    expect(restart, name).toMatch(/^(unless-stopped|on-failure)$/);
  });

  test.each(services)('%s depends on services that exist and can become what is waited for', (_, service) => {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = compose.services[name];
      if (condition === 'service_healthy') expect(other?.healthcheck, name).toBeDefined();
      // A job that were started again when it is done would never be completed.
      else expect(other?.restart, `${name}: ${condition}`).toBe('on-failure');
    }
  });

  test.each(services)(
    '%s is reached from this machine only, and keeps data in named volumes',
    (_, service) => {
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      for (const volume of service.volumes ?? [])
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    },
  );
});

test("Temporal's server and its tools are of the version that local/ can start", () => {
  const images = services
    .map(([, { image }]) => image)
    .filter((image) => /^temporalio\/(server|admin)/.test(image));
  expect(images).toHaveLength(3);
  for (const image of images) expect(image.split(/[:-]/)).toContain(TEMPORAL_SERVER_VERSION);
});

describe('the image', () => {
  test('runs as nobody in particular, on the very Node that npm scripts use', () => {
    const stages = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
    const names = stages.map(([, , name]) => name);
    const bases = stages.map(([, base]) => base).filter((base) => !names.includes(base));
    const { node } = JSON.parse(read('package.json')).dependencies;
    expect(new Set(bases)).toEqual(new Set([`node:${node}-bookworm-slim`]));
    expect(dockerfile).toMatch(/^USER node$/m);
    for (const [, { user }] of own) expect(user).toBe('node');
  });

  test('holds the bundle that its workers are told to run', () => {
    const [, workers = ''] = /JALON_WORKFLOW_BUNDLE=\/app\/(\S+)/.exec(dockerfile) ?? [];
    expect(parseConfig({ JALON_WORKFLOW_BUNDLE: workers }).workflowBundle).toBe(workers);
    expect(read('worker/bundle.ts')).toContain(`'../${workers}'`);
    expect(dockerfile).toMatch(/^RUN node worker\/bundle\.ts$/m);
    expect(dockerfile).toContain(`COPY --from=workflows /app/${path.dirname(workers)} ./`);
  });

  test.each(own)('holds every source file that %s imports', (_, { command = [] }) => {
    const [program, script = ''] = command;
    expect(program).toBe('node');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    const missing = sourcesFrom([script, 'workflows/index.ts']).filter(
      (file) => !copied.includes(file) && !copied.includes(file.split('/')[0] ?? ''),
    );
    expect(missing).toEqual([]);
  });
});

/** The files of ours that are reached from some, themselves included, as paths from the root. */
function sourcesFrom(entries: readonly string[]): string[] {
  const found = new Set<string>();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    expect(existsSync(path.join(ROOT, file)), file).toBe(true);
    found.add(file);
    for (const [, target = ''] of read(file).matchAll(/from '(\.{1,2}\/[^']+)'/g)) {
      open.push(path.join(path.dirname(file), target));
    }
  }
  return [...found];
}
