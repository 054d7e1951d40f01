// Observations pushed through the API against PostgreSQL's own COPY into the same table, with the same rows: the file
// lies on the server, so that nothing but the table is in its way.

import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Benchmark } from './benchmark.ts';
import { cost, costed } from './cost.ts';
import { short } from './finding.ts';
import { launch, MANY_VOTES, startStand } from './stand.ts';
import { inTurns, together } from './timing.ts';

const ROUNDS = 4;
const LEAST_RATIO = 0.25;
const DAY_MS = 86_400_000;

const COLUMNS = `thesis_id, source, row_key, revision, metric, period_from, period_to, arm, channel, sum, grade, finality,
  content_hash, known_at`;

interface Row {
  readonly rowKey: string;
  readonly from: string;
  readonly to: string;
  readonly arm: string;
  readonly channel: string;
  readonly sum: string;
}

export const ingestBenchmark: Benchmark = async ({ engine, count, say }) => {
  const stand = await startStand(engine);
  const pool = new pg.Pool({ connectionString: engine.databaseUrl, max: 1 });
  const each = Math.ceil(count / ROUNDS);
  try {
    const [pushed, copied] = [
      await launch(stand, MANY_VOTES.name, 1),
      await launch(stand, MANY_VOTES.name, 2),
    ];
    const push = (rows: readonly Row[]) => () =>
      stand.owner({ method: 'POST', path: `/v1/observations?thesis=${pushed}`, body: ndjson(rows) });
    const copy = (rows: readonly Row[]) => async () => {
      await pool.query(
        `copy observation (${COLUMNS}) from '${await fileOf(engine.folder, copied, rows)}' csv`,
      );
    };
    await push(rowsOf(0, 1_000))();
    await copy(rowsOf(0, 1_000))();
    say(`${ROUNDS} times ${each} rows pushed and ${each} copied`);
    const place = (round: number): number => 1_000 + round * each;
    const measured = await inTurns(
      ROUNDS,
      (round) => costed(1, [push(rowsOf(place(round), each))]),
      (round) => costed(1, [copy(rowsOf(place(round), each))]),
    );
    const speed = (rounds: typeof measured.ours): number =>
      ((ROUNDS * each) / together(rounds).total) * 1_000;
    const [mine, its] = [speed(measured.ours), speed(measured.theirs)];
    const { rows } = await pool.query('select thesis_id, count(*)::int from observation group by thesis_id');
    if (rows.some(({ count: stored }) => stored !== 1_000 + ROUNDS * each))
      throw new Error('rows are missing');
    return [
      {
        what: 'rows a second',
        value: mine / its,
        unit: 'x COPY',
        bound: { least: LEAST_RATIO },
        detail: `${short(mine)} a second, COPY ${short(its)}`,
      },
      cost(`push of ${each} rows, processor time`, measured.ours),
      cost(`copy of ${each} rows, processor time`, measured.theirs),
    ];
  } finally {
    await pool.end();
    await stand.stop();
  }
};

/** Hourly clicks of two arms in five channels. */
function rowsOf(first: number, count: number): Row[] {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return Array.from({ length: count }, (_unused, index) => {
    const number = first + index;
    const from = today - (Math.floor(number / 10) + 1) * 3_600_000;
    return {
      rowKey: `clicks/${number}`,
      from: new Date(from).toISOString(),
      to: new Date(from + 3_600_000).toISOString(),
      arm: number % 2 === 0 ? 'control' : 'treatment',
      channel: `channel-${number % 5}`,
      sum: String(100 + (number % 900)),
    };
  });
}

function ndjson(rows: readonly Row[]): string {
  return rows.map((row) => JSON.stringify({ metric: 'clicks', ...row })).join('\n');
}

async function fileOf(folder: string, thesisId: string, rows: readonly Row[]): Promise<string> {
  const now = new Date().toISOString();
  const hash = `"\\x${'ab'.repeat(32)}"`;
  const lines = rows.map(({ rowKey, from, to, arm, channel, sum }) =>
    [
      thesisId,
      'push',
      rowKey,
      1,
      'clicks',
      from,
      to,
      arm,
      channel,
      sum,
      'attributed',
      'provisional',
      hash,
      now,
    ].join(','),
  );
  const file = path.join(folder, 'rows.csv');
  await writeFile(file, lines.join('\n'));
  await chmod(file, 0o644);
  return file;
}
