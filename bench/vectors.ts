// `node bench/vectors.ts DIR`: checks the statistics against every file of reference cases in DIR, and against the
// published tables where DIR has them. It prints one line a topic and the first failures, and exits with 1 on any
// failure or without any file.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AdapterTable, type Deviation, runCase, type VectorFile } from './vectors/compare.ts';
import { comparisonAdapters } from './vectors/comparison.ts';
import { detectionAdapters } from './vectors/detection.ts';
import { incrementalityAdapters } from './vectors/incrementality.ts';
import { lifetimeAdapters } from './vectors/lifetime.ts';
import { planningAdapters } from './vectors/planning.ts';
import { checkTable } from './vectors/published.ts';
import type { PublishedTable } from './vectors/published-table.ts';
import { testingAdapters } from './vectors/testing.ts';
import { isRecord } from './vectors/tolerance.ts';

const adapters: AdapterTable = {
  ...comparisonAdapters,
  ...testingAdapters,
  ...planningAdapters,
  ...incrementalityAdapters,
  ...detectionAdapters,
  ...lifetimeAdapters,
};

const SHOWN_FAILURES = 3;

interface TopicResult {
  readonly topic: string;
  readonly passed: number;
  readonly failed: number;
  readonly notSupported: number;
  readonly worst: Deviation | undefined;
  readonly failures: readonly string[];
}

const directory = process.argv[2];
if (directory === undefined) {
  console.error('usage: node bench/vectors.ts DIR [topic ...]');
  process.exit(1);
}
const topics = process.argv.slice(3);
process.exitCode = report([
  ...readVectorFiles(directory, topics).map((file) => runTopic(file, directory)),
  ...runPublished(directory, topics),
]);

function readVectorFiles(folder: string, topics: readonly string[]): VectorFile[] {
  const files: VectorFile[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.json')) continue;
    const parsed: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    if (!isRecord(parsed) || !Array.isArray(parsed.cases)) continue;
    const topic = typeof parsed.topic === 'string' ? parsed.topic : name.replace(/\.json$/, '');
    if (topics.length > 0 && !topics.includes(topic)) continue;
    files.push({ topic, tolerance: parsed.tolerance, cases: parsed.cases });
  }
  return files;
}

function runTopic(file: VectorFile, folder: string): TopicResult {
  const adapter = adapters[file.topic];
  if (adapter === undefined) {
    const notSupported = file.cases.length;
    return { topic: file.topic, passed: 0, failed: 0, notSupported, worst: undefined, failures: [] };
  }
  let failed = 0;
  let worst: Deviation | undefined;
  const failures: string[] = [];
  for (const vector of file.cases) {
    const deviations = runCase(file, vector, adapter, folder);
    for (const deviation of deviations) if (deviation.share > (worst?.share ?? -1)) worst = deviation;
    const wrong = deviations.filter((deviation) => !(deviation.share <= 1));
    if (wrong.length > 0 || deviations.length === 0) {
      failed += 1;
      failures.push(...describe(file.topic, vector.id, wrong));
    }
  }
  return { topic: file.topic, passed: file.cases.length - failed, failed, notSupported: 0, worst, failures };
}

/** The tables of papers and handbooks as one more topic, where the folder has them. */
function runPublished(folder: string, topics: readonly string[]): TopicResult[] {
  const topic = 'published_tables';
  const path = join(folder, `${topic}.json`);
  if (!existsSync(path) || (topics.length > 0 && !topics.includes(topic))) return [];
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const tables: readonly PublishedTable[] =
    isRecord(parsed) && Array.isArray(parsed.tables) ? parsed.tables : [];
  const judged = tables.map((table) => ({ id: table.id, deviations: checkTable(table, folder) }));
  const supported = judged.flatMap(({ id, deviations }) => (deviations === null ? [] : [{ id, deviations }]));
  const wrong = supported.map(({ id, deviations }) => ({
    id,
    fields: deviations.filter(({ share }) => !(share <= 1)),
  }));
  const failed = wrong.filter(({ fields }) => fields.length > 0);
  const all = supported.flatMap(({ id, deviations }) =>
    deviations.map((deviation) => ({ ...deviation, field: `${id} ${deviation.field}` })),
  );
  return [
    {
      topic,
      passed: supported.length - failed.length,
      failed: failed.length,
      notSupported: tables.length - supported.length,
      worst: all.sort((left, right) => right.share - left.share)[0],
      failures: failed.flatMap(({ id, fields }) => describe(topic, id, fields)),
    },
  ];
}

function describe(topic: string, id: string, wrong: readonly Deviation[]): string[] {
  if (wrong.length === 0) return [`${topic} ${id}: nothing was compared`];
  return wrong.map(({ field, share, detail }) => `${topic} ${id} ${field}: ${shareText(share)}; ${detail}`);
}

function report(results: readonly TopicResult[]): number {
  if (results.length === 0) {
    console.error(`no vector file in ${directory}`);
    return 1;
  }
  console.log(row(['topic', 'passed', 'failed', 'not supported', 'worst deviation (1 = the limit)']));
  for (const { topic, passed, failed, notSupported, worst } of results) {
    const worstText = worst === undefined ? '-' : `${shareText(worst.share)} (${worst.field})`;
    console.log(row([topic, String(passed), String(failed), String(notSupported), worstText]));
  }
  const total = (pick: (result: TopicResult) => number) =>
    String(results.reduce((sum, result) => sum + pick(result), 0));
  const failed = total((result) => result.failed);
  console.log(row(['total', total((r) => r.passed), failed, total((r) => r.notSupported), '']));
  for (const { failures } of results) {
    for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`  FAILED ${failure}`);
    if (failures.length > SHOWN_FAILURES)
      console.log(`  ... and ${failures.length - SHOWN_FAILURES} more fields`);
  }
  return failed === '0' ? 0 : 1;
}

function row(cells: readonly [string, string, string, string, string]): string {
  const [topic, passed, failed, notSupported, worst] = cells;
  const counts = `${passed.padStart(7)} ${failed.padStart(7)} ${notSupported.padStart(14)}`;
  return `${topic.padEnd(26)} ${counts}  ${worst}`.trimEnd();
}

function shareText(share: number): string {
  return share === Number.POSITIVE_INFINITY ? 'wrong' : share.toPrecision(2);
}
