// Makes the committed copy of the API's description: `node api/openapi-file.ts --write`. Builds the API over
// dependencies that are never called, as a description needs none.

import { readFileSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { connect } from '../db/connect.ts';
import { createApp } from './app.ts';
import { openApiDocument } from './openapi.ts';

const FILE = new URL('../openapi.json', import.meta.url);

/** The description as it should be committed. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(createApp(unusedDeps())), null, 2)}\n`;
}

/** The description as it is committed. */
export function committedOpenApiText(): string {
  return readFileSync(FILE, 'utf8');
}

function unusedDeps(): Parameters<typeof createApp>[0] {
  return {
    // The pool connects at its first query, and there is none.
    db: connect('postgres://nowhere.invalid/none'),
    theses: { propose: neverCalled, send: neverCalled },
    clockRate: 1,
    secretBox: { seal: neverCalled },
    access: { oidc: null, trustedProxies: 0, requestsPerMinute: 0, failedAttempts: 1 },
    log: pino({ level: 'silent' }),
    now: () => new Date(),
    checkCalendar: neverCalled,
    checkQueries: neverCalled,
    checkBinding: neverCalled,
    webhooks: { targetFault: neverCalled, newSecret: neverCalled },
    readiness: neverCalled,
  };
}

function neverCalled(): never {
  throw new Error('a description calls nothing');
}

if (import.meta.main && process.argv.includes('--write')) writeFileSync(FILE, openApiText());
