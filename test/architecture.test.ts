// The layout of the project holds: who imports whom, one home for each thing, no ways around; and each rule is shown
// to bite on a planted violation.
import { describe, expect, test } from 'vitest';
import { fileCycles, fileViolations, folderCycles, layeringViolations } from './support/architecture.ts';
import { readSources, type Source } from './support/source-tree.ts';

const SOURCES = readSources(/\.tsx?$/);

function source(path: string, ...lines: readonly string[]): Source {
  return { path, text: ['// Planted.', ...lines, ''].join('\n') };
}

describe('the project', () => {
  test('is read whole', () => {
    const tops = new Set(SOURCES.map(({ path }) => path.split('/')[0]));
    for (const folder of [
      'domain',
      'workflows',
      'activities',
      'api',
      'db',
      'worker',
      'cli',
      'local',
      'test',
    ]) {
      expect([...tops]).toContain(folder);
    }
  });

  test('imports only downwards', () => {
    expect(layeringViolations(SOURCES)).toEqual([]);
  });

  test('has no circle of folders', () => {
    expect(folderCycles(SOURCES)).toEqual([]);
  });

  test('has no circle of files that need each other to load', () => {
    expect(fileCycles(SOURCES)).toEqual([]);
  });

  test('keeps each file in a home of its own, opened by what it owns, without ways around', () => {
    expect(fileViolations(SOURCES)).toEqual([]);
  });
});

describe('a planted import', () => {
  const broken = (path: string, line: string) => layeringViolations([source(path, line)]).length > 0;

  test.each([
    ['domain/gate.ts', "import { sql } from 'kysely';"],
    ['domain/gate.ts', "import { z } from 'zod';"],
    ['domain/gate.ts', "import { readFileSync } from 'node:fs';"],
    ['domain/gate.ts', "import type { Db } from '../db/connect.ts';"],
    ['domain/statistics/planning/sample-size.ts', "import { env } from '../../../config.ts';"],
    ['workflows/thesis.ts', "import { findThesis } from '../db/theses.ts';"],
    ['workflows/profiles.ts', "import { activities } from '../activities/activities.ts';"],
    ['workflows/thesis.ts', "import { Client } from '@temporalio/client';"],
    ['db/theses.ts', "import { sealed } from '../api/seal.ts';"],
    ['activities/collect.ts', "import { contract } from '../workflows/contract.ts';"],
    ['api/theses.ts', "import { thesisWorkflow } from '../workflows/thesis.ts';"],
    ['api/theses.ts', "import { collect } from '../activities/collect.ts';"],
    ['api/theses.ts', "import { readConfig } from '../config.ts';"],
    ['api/theses.ts', "export { start } from '../local/platform.ts';"],
    ['api/main.ts', "import { startPostgres } from '../local/postgres.ts';"],
    ['worker/main.ts', "import { given } from '../test/support/thesis.ts';"],
    ['worker/worker.ts', "import { readConfig } from '../config.ts';"],
    ['local/demo.ts', "const story = await import('../test/support/thesis.ts');"],
    ['activities/collect.ts', "import '../api/app.ts';"],
    ['cli/list.ts', "import { connect } from '../db/connect.ts';"],
    ['cli/reach.ts', "import { isConfidential } from '../config/value.ts';"],
    ['api/main.ts', "import { OIDC_KEYS } from '../config/oidc.ts';"],
    ['config/database.ts', "import { readConfig } from '../config.ts';"],
    ['config/database.ts', "import { Pool } from 'pg';"],
    ['cli/launch.ts', "import { launchBody } from '../api/schemas/launch.ts';"],
    ['plugins/new.ts', "import { gate } from '../domain/gate.ts';"],
  ])('in %s is found: %s', (path, line) => {
    expect(broken(path, line)).toBe(true);
  });

  test.each([
    ['domain/gate.ts', "import { Decimal } from 'decimal.js';"],
    ['domain/statistics/planning/sample-size.ts', "import { money } from '../../money.ts';"],
    ['workflows/profiles.ts', "import type { Activities } from '../activities/activities.ts';"],
    ['workflows/profiles.ts', "import { type Activities } from '../activities/activities.ts';"],
    ['api/theses-client.ts', "import { TASK_QUEUE } from '../workflows/contract.ts';"],
    ['api/main.ts', "import { readConfig } from '../config.ts';"],
    ['cli/answers.ts', "import type { thesisAnswer } from '../api/schemas/thesis.ts';"],
    ['cli/doctor.ts', "import { connect } from '../db/connect.ts';"],
    ['domain/gate.ts', "// as in import { x } from '../db/connect.ts';"],
    ['test/domain/gate.test.ts', "import { connect } from '../../db/connect.ts';"],
  ])('in %s that is allowed is left alone: %s', (path, line) => {
    expect(broken(path, line)).toBe(false);
  });

  test('over several lines is found', () => {
    const lines = ['import {', '  type Db,', '  connect,', "} from '../db/connect.ts';"];
    expect(layeringViolations([source('domain/gate.ts', ...lines)])).toEqual([
      { path: 'domain/gate.ts', rule: 'domain imports db/connect.ts' },
    ]);
  });
});

describe('a planted circle', () => {
  test('of folders is found, types included, but not through a composition root', () => {
    const there = source('db/a.ts', "import type { B } from '../activities/b.ts';");
    const back = source('activities/b.ts', "import { a } from '../db/a.ts';");
    expect(folderCycles([there, back])).toEqual([['db', 'activities', 'db']]);
    const root = source('worker/main.ts', "import { b } from '../activities/b.ts';");
    const other = source('activities/c.ts', "import { w } from '../worker/w.ts';");
    expect(folderCycles([root, other])).toEqual([]);
  });

  test('of files is found, but not of types', () => {
    const a = source('domain/a.ts', "import { b } from './b.ts';");
    const b = source('domain/b.ts', "import { c } from './c.ts';");
    const c = source('domain/c.ts', "import { a } from './a.ts';");
    expect(fileCycles([a, b, c])).toEqual([['domain/a.ts', 'domain/b.ts', 'domain/c.ts', 'domain/a.ts']]);
    expect(fileCycles([a, b, source('domain/c.ts', "import type { A } from './a.ts';")])).toEqual([]);
  });
});

describe('a planted file', () => {
  const rules = (path: string, ...lines: readonly string[]) =>
    fileViolations([source(path, ...lines)]).map(({ rule }) => rule);

  test.each([
    ['domain/utils/text.ts', 'utils is no home'],
    ['api/schemas/deep/deeper/gate.ts', 'lies more than two folders below its top-level name'],
    ['api/theseRoutes.ts', 'is not in kebab-case'],
    ['api/Schemas/gate.ts', 'is not in kebab-case'],
  ])('%s: %s', (path, rule) => {
    expect(rules(path)).toEqual([rule]);
  });

  test.each([
    ['api/app.ts', 'export default function app() {}', 'has a default export'],
    ['api/app.ts', 'export { app as default };', 'has a default export'],
    ['api/app.ts', 'const port = process.env.PORT;', 'reads process.env'],
    ['domain/gate.ts', 'const now = Date.now();', 'is not pure: Date.now'],
    ['domain/gate.ts', 'export async function read() {}', 'is not pure: async'],
    ['domain/gate.ts', 'const luck = Math.random();', 'is not pure: Math.random'],
    ['api/app.ts', `const app = value as ${'unknown'} as App;`, 'a type is asserted through unknown'],
    ['api/app.ts', `// @ts-${'ignore'}`, 'the compiler is silenced'],
    ['test/api/app.test.ts', `test.${'only'}('one', () => {});`, 'a test is left out'],
    ['api/app.ts', `// ${'TO'}DO: the rest`, 'something is left for later'],
  ])('%s with `%s`', (path, line, rule) => {
    expect(rules(path, line)).toEqual([rule]);
  });

  test('without an opening comment', () => {
    expect(fileViolations([{ path: 'api/app.ts', text: 'export const app = 1;\n' }])).toEqual([
      { path: 'api/app.ts', rule: 'does not open with a comment on what it owns' },
    ]);
  });

  test('that keeps to the rules', () => {
    expect(rules('domain/statistics/planning/sample-size.ts', "const word = 'process';")).toEqual([]);
    expect(rules('config.ts', 'const port = process.env.PORT;')).toEqual([]);
    expect(rules('test/domain/statistics/planning/sample-size.test.ts')).toEqual([]);
    expect(rules('test/global-setup.ts', 'export default function setup() {}')).toEqual([]);
  });
});
