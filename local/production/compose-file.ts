// Reads docker-compose.yml as Compose does, as far as that file goes: merged maps, variables, who waits for whom. What it
// does not understand is an error, never left out.

import { randomBytes } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';

const Words = z.array(z.string());

const ComposeService = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  tmpfs: Words.optional(),
  cap_drop: Words.optional(),
  security_opt: Words.optional(),
  init: z.boolean().optional(),
  command: Words.optional(),
  entrypoint: Words.optional(),
  restart: z.enum(['unless-stopped', 'on-failure']),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }),
    )
    .default({}),
  healthcheck: z
    .strictObject({
      test: Words,
      interval: z.string(),
      timeout: z.string(),
      retries: z.number(),
      start_period: z.string().optional(),
    })
    .optional(),
  ports: Words.optional(),
  volumes: Words.optional(),
  stop_grace_period: z.string().optional(),
});

const ComposeFile = z.looseObject({ services: z.record(z.string(), ComposeService) });

export type Service = z.output<typeof ComposeService>;

export type Services = Readonly<Record<string, Service>>;

/** `$$`, `${NAME}`, `${NAME:-default}` and `${NAME:?what to do}`. */
const VARIABLE = /\$\$|\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g;

/** The services of the file, with the variables filled in. */
export function servicesOf(text: string, variables: Readonly<Record<string, string>>): Services {
  return ComposeFile.parse(filledIn(parse(text, { merge: true }), variables)).services;
}

/** A value for each variable that the file asks for, made as its message says. */
export function secretsFor(text: string): Record<string, string> {
  const secrets: Record<string, string> = {};
  for (const [, name = '', kind, advice = ''] of text.matchAll(VARIABLE)) {
    if (kind !== '?' || name in secrets) continue;
    const [, encoding, bytes] = /openssl rand -(hex|base64) (\d+)/.exec(advice) ?? [];
    if (encoding !== 'hex' && encoding !== 'base64') {
      throw new Error(`docker-compose.yml asks for ${name} and does not say how it is made: "${advice}"`);
    }
    secrets[name] = randomBytes(Number(bytes)).toString(encoding);
  }
  return secrets;
}

function filledIn(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replace(VARIABLE, (all, name?: string, kind?: string, text = '') => {
      if (name === undefined) return '$';
      const given = variables[name];
      if (given !== undefined && given !== '') return given;
      if (kind === '?') throw new Error(`${name} is not set: ${text}`);
      return all === `\${${name}}` ? '' : text;
    });
  }
  if (Array.isArray(value)) return value.map((one) => filledIn(one, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, variables)]));
}

/** `5s` as milliseconds. */
export function milliseconds(text: string): number {
  const [, seconds] = /^(\d+)s$/.exec(text) ?? [];
  if (seconds === undefined)
    throw new Error(`docker-compose.yml has a duration that is not seconds: ${text}`);
  return Number(seconds) * 1_000;
}
