// The operator's command line as a process against a real API, worker and database: what each command promises, and
// what it says when something is wrong.
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Environment, jalon, jalonInTerminal } from '../support/command-line.ts';
import { type Company, foundCompany, UNHURRIED } from '../support/company.ts';

const EXAMPLE = 'docs/examples/thesis.yaml';
const PATIENCE = { timeout: 40_000, interval: 200 };

let company: Company;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-cli-'));
  company = await foundCompany();
}, 180_000);

afterAll(async () => {
  await company?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a member has set in the shell. */
function as(member: Parameters<Company['keyOf']>[0]): Environment {
  return { JALON_API_URL: company.apiUrl, JALON_API_KEY: company.keyOf(member), JALON_DATA_DIR: folder };
}

async function fileOf(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

/** The example under the playbook whose stages are short. */
function shortThesis(title: string): string {
  const text = readFileSync(EXAMPLE, 'utf8');
  const start = text.indexOf('# What this thesis sets');
  const end = text.indexOf('# What is promised');
  return `${text.slice(0, start)}${text.slice(end)}`
    .replace('cmo-cycle', UNHURRIED)
    .replace(/^title: .*$/m, `title: ${title}`);
}

async function launched(title: string): Promise<string> {
  const file = await fileOf('short.yaml', shortThesis(title));
  const { out, err } = await jalon(['launch', file, '--json'], as('lea'));
  expect(err).toBe('');
  return JSON.parse(out).thesisId;
}

/** Ids of all theses, newest first. */
async function listed(): Promise<string[]> {
  const { out } = await jalon(['list', '--json'], as('claire'));
  return JSON.parse(out).map(({ thesisId }: { thesisId: string }) => thesisId);
}

/** The gate that opened, once figures were sent. */
async function gateOf(thesisId: string): Promise<string> {
  await company.feed(thesisId);
  const gate = async () =>
    (await company.admin.get<{ gateId: string | null }>(`/v1/theses/${thesisId}`)).gateId;
  await vi.waitUntil(async () => (await gate()) !== null, PATIENCE);
  return (await gate()) ?? '';
}

describe('launch', () => {
  test('tries the example without launching it, then launches it once however often it is run', async () => {
    const tried = await jalon(['launch', EXAMPLE, '--dry-run'], as('lea'));
    expect(tried).toMatchObject({ code: 0, err: '' });
    expect(tried.out).toMatch(/playbook cmo-cycle 1\. Nothing was\.\nContract [0-9a-f]{64}\n$/);
    expect(await jalon(['list'], as('lea'))).toEqual({ code: 0, out: 'No thesis fits.\n', err: '' });

    const first = await jalon(['launch', EXAMPLE, '--json'], as('lea'));
    const { thesisId } = JSON.parse(first.out);
    // Other comments and another layout say the same.
    const rewritten = `# Again.\n\n${readFileSync(EXAMPLE, 'utf8').replace('[search, social]', '\n  - search\n  - social')}`;
    const second = await jalon(['launch', await fileOf('again.yaml', rewritten), '--json'], as('lea'));
    expect(JSON.parse(second.out)).toEqual({ ...JSON.parse(first.out), replayed: true });
    const third = await jalon(['launch', EXAMPLE], as('lea'));
    expect(third.out).toContain(`Launched before, as ${thesisId}`);
    const wanted = await jalon(['launch', EXAMPLE, '--again', 'nantes', '--json'], as('lea'));
    expect(JSON.parse(wanted.out).thesisId).not.toBe(thesisId);
    expect(await listed()).toHaveLength(2);

    const contract = await company.admin.get<{ hash: string }>(`/v1/theses/${thesisId}/contract`);
    expect(tried.out).toContain(contract.hash);
  });

  test('names each bad field with its line and column, and launches nothing', async () => {
    const bad = readFileSync(EXAMPLE, 'utf8')
      .replace('"2000"', '2000')
      .replace('portfolio:', 'portfolios:')
      .replace('kind: push', 'kind: pull')
      .replace('currency: EUR', 'currency: eur');
    const lines = bad.split('\n');
    const at = (word: string): string => {
      const line = lines.findIndex((text) => text.trimStart().startsWith(word) || text.includes(` ${word}`));
      return `${line + 1}:${(lines[line] ?? '').indexOf(word) + 1}`;
    };
    const file = await fileOf('bad.yaml', bad);
    const before = await listed();
    const { code, out, err } = await jalon(['launch', file], as('lea'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(
      `${file}:${at('spend: 2000')} businessCase.prototype.spend: Put it in quotes: "2000".`,
    );
    expect(err).toContain(`${file}:${at('portfolios:')} portfolios: This field is not known.`);
    expect(err).toContain('portfolio: This field is missing.');
    expect(err).toContain(`${file}:${at('kind: pull')} sources[0].kind: `);
    expect(err).toContain(`${file}:${at('currency: eur')} currency: An ISO 4217 code`);
    expect(await listed()).toEqual(before);
  });

  test('finds what only the playbook knows, and what is no YAML at all', async () => {
    const bound = readFileSync(EXAMPLE, 'utf8').replace('cac-guardrail', 'cac-limit');
    const unknown = await jalon(['launch', await fileOf('bound.yaml', bound), '--dry-run'], as('lea'));
    expect(unknown.code).toBe(1);
    const line = bound.split('\n').findIndex((text) => text.includes('cac-limit')) + 1;
    expect(unknown.err).toContain(`bound.yaml:${line}:7 terms.scale.targets.cac-limit: no such criterion`);

    const twice = await jalon(['launch', await fileOf('twice.yaml', 'title: a\ntitle: b\n')], as('lea'));
    expect(twice.err).toMatch(/twice\.yaml:2:1 Map keys must be unique/);
    const list = await jalon(['launch', await fileOf('list.yaml', '- a\n')], as('lea'));
    expect(list.err).toContain('list.yaml:1:1 A launch is a list of fields');
    const absent = await jalon(['launch', 'nowhere.yaml'], as('lea'));
    expect(absent).toMatchObject({
      code: 1,
      err: expect.stringContaining('nowhere.yaml cannot be read: ENOENT'),
    });
  });
});

describe('a gate', () => {
  test('is shown with its numbers, voted on by its hash, and decided', async () => {
    const thesisId = await launched('Phones that come back');
    const gateId = await gateOf(thesisId);
    const { evidenceHash } = await company.admin.get<{ evidenceHash: string }>(`/v1/gates/${gateId}`);

    const { out } = await jalon(['show', thesisId], as('amina'));
    expect(out).toMatch(/Waits for +votes\. .*Of: amina, bruno, claire\./);
    expect(out).toMatch(/Next date +\d{4}-\d\d-\d\d \d\d:\d\d UTC \(in .*\); silence means hold/);
    expect(out).toMatch(/pass +demand-voiced +20 +10 +20 +Mentions that voice the need is 20/);
    expect(out).toMatch(/Spend +2\.00 EUR/);
    expect(out).toContain(`${gateId}: advance is recommended; 0 of 2 votes`);

    const alone = await jalon(['vote', gateId, 'advance'], as('amina'));
    expect(alone).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(alone.out).toContain(evidenceHash);
    const other = ['vote', gateId, 'advance', '--yes', '--evidence', '0'.repeat(64)];
    expect(await jalon(other, as('amina'))).toMatchObject({
      code: 1,
      err: expect.stringContaining(evidenceHash),
    });
    const silent = await jalon(['vote', gateId, 'kill', '--yes'], as('amina'));
    expect(silent).toMatchObject({
      code: 1,
      err: expect.stringMatching(/A reason is mandatory[\s\S]*Request [0-9a-f-]{36}/),
    });
    const owner = await jalon(['vote', gateId, 'advance', '--yes'], as('lea'));
    expect(owner.err).toContain('The owner never votes on their own thesis');

    const asked = { columns: 80, answer: 'n' };
    const declined = await jalonInTerminal(['vote', gateId, 'advance'], as('amina'), asked);
    expect(declined).toMatchObject({ code: 1, out: expect.stringContaining('Not voted.') });
    const agreed = await jalonInTerminal(['vote', gateId, 'advance'], as('amina'), { ...asked, answer: 'y' });
    expect(agreed).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 of 2 votes of the quorum are in.'),
    });
    const vote = ['vote', gateId, 'advance', '--yes', '--probability', '0.7', '--evidence', evidenceHash];
    const deciding = await jalon(vote, as('bruno'));
    expect(deciding).toMatchObject({ code: 0, err: '' });
    expect(deciding.out).toContain('The gate has decided: advance.');

    const { votes } = await company.admin.get<{ votes: object[] }>(`/v1/gates/${gateId}`);
    expect(votes).toMatchObject([
      { member: 'amina', ballot: 'advance', evidenceHash, probability: null },
      { member: 'bruno', ballot: 'advance', evidenceHash, probability: 0.7 },
    ]);
    const late = await jalon(['vote', gateId, 'advance', '--yes'], as('claire'));
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('The gate is already decided') });
  }, 120_000);
});

describe('list', () => {
  const longest = (text: string): number =>
    Math.max(
      ...stripVTControlCharacters(text)
        .split(/\r?\n/)
        .map((line) => line.length),
    );

  test('fits the terminal, and loses no id in a narrow one', async () => {
    const ids = await listed();
    expect(ids.length).toBeGreaterThan(1);
    for (const columns of [60, 100, 140]) {
      const { code, out } = await jalonInTerminal(['list'], as('lea'), { columns });
      expect(code).toBe(0);
      expect(longest(out), `${columns} columns`).toBeLessThanOrEqual(columns);
      for (const id of ids) expect(out).toContain(id);
    }
    const wide = await jalonInTerminal(['list'], as('lea'), { columns: 140 });
    expect(wide.out.trim().split('\n')).toHaveLength(ids.length + 1);
  });

  test('has colours in a terminal only, and none where NO_COLOR is set', async () => {
    const colour = String.fromCharCode(27);
    const terminal = { columns: 120 };
    expect((await jalonInTerminal(['list'], as('lea'), terminal)).out).toContain(colour);
    const plain = await jalonInTerminal(['list'], { ...as('lea'), NO_COLOR: '1' }, terminal);
    expect(plain.out).not.toContain(`${colour}[`);
    expect((await jalon(['list'], as('lea'))).out).not.toContain(colour);
  });

  test('filters, and says which values there are', async () => {
    const none = await jalon(['list', '--owner', 'nobody', '--stage', 'scale'], as('lea'));
    expect(none).toMatchObject({ code: 0, out: 'No thesis fits.\n' });
    const mine = await jalon(['list', '--owner', 'lea', '--portfolio', 'Circular economy'], as('lea'));
    expect(mine.out).toContain('Refurbished phones by subscription');
    const wrong = await jalon(['list', '--stage', 'launch'], as('lea'));
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('detect, prototype, measure') });
  });
});

describe('export', () => {
  test('writes one table of all theses, and their events and learnings as objects', async () => {
    const ids = await listed();
    const table = path.join(folder, 'economics.csv');
    expect(await jalon(['export', 'unit-economics', '--out', table], as('claire'))).toMatchObject({
      code: 0,
      err: '',
    });
    const [heading = '', ...rows] = (await readFile(table, 'utf8')).trimEnd().split('\r\n');
    expect(heading).toMatch(/^thesis,stage,basis,currency,spend,new_customers,/);
    expect(new Set(rows.map((row) => row.split(',')[0]))).toEqual(new Set(ids));
    expect(new Set(rows.map((row) => row.split(',').length))).toEqual(new Set([heading.split(',').length]));

    const events = path.join(folder, 'events.ndjson');
    await jalon(['export', 'timelines', '--thesis', ids[0] ?? '', '--out', events], as('claire'));
    const lines = (await readFile(events, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ thesisId: ids[0], sequence: 1, type: 'ThesisProposed', actor: 'lea' });
    expect(lines.map(({ sequence }) => sequence)).toEqual(lines.map((_, index) => index + 1));

    const withdrawn = await launched('One that is given up');
    await company.admin.post(`/v1/theses/${withdrawn}/withdraw`, { reason: 'Enough was seen.' });
    const learnings = path.join(folder, 'learnings.ndjson');
    await vi.waitUntil(async () => {
      await jalon(['export', 'learnings', '--out', learnings], as('claire'));
      return (await readFile(learnings, 'utf8')).includes(withdrawn);
    }, PATIENCE);
    const taught = (await readFile(learnings, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const own = taught.find(({ thesisId }) => thesisId === withdrawn);
    expect(own).toMatchObject({ completedAt: null, learnings: [], draft: { outcome: 'withdrawn' } });
  }, 120_000);

  test('that fails leaves the file of before, and nothing beside it', async () => {
    const file = await fileOf('kept.csv', 'of yesterday');
    const failed = await jalon(['export', 'unit-economics', '--thesis', 'none', '--out', file], as('claire'));
    expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('No such thesis') });
    expect(await readFile(file, 'utf8')).toBe('of yesterday');
    expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([]);
    const table = await jalon(['export', 'timelines', '--format', 'csv', '--out', file], as('claire'));
    expect(table).toMatchObject({ code: 2, err: expect.stringContaining('Only unit economics are tables') });
  });
});

describe('what goes wrong', () => {
  test('is told with the request and what to do; programs get the problem document', async () => {
    const { code, out, err } = await jalon(['show', 'nothing-here'], as('lea'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /^Error: No such thesis\.\n {2}No thesis nothing-here\.\n {2}Request [0-9a-f-]{36}\nCheck the id/,
    );
    const json = await jalon(['--json', 'show', 'nothing-here'], as('lea'));
    expect(JSON.parse(json.err)).toMatchObject({ problem: { status: 404, code: 'thesis_unknown' } });
  });

  test('without a key, or with one that others can read, nothing is sent', async () => {
    const { JALON_API_KEY: key = '', ...keyless } = as('lea');
    const none = await jalon(['list'], keyless);
    expect(none).toMatchObject({ code: 1, out: '', err: expect.stringContaining('There is no API key') });
    const file = await fileOf('api-key', `${key}\n`);
    await chmod(file, 0o644);
    const open = await jalon(['list'], keyless);
    expect(open).toMatchObject({ code: 1, err: expect.stringContaining(`chmod 600 ${file}`) });
    await chmod(file, 0o600);
    expect(await jalon(['list'], keyless)).toMatchObject({ code: 0, err: '' });
    await rm(file);
    const wrong = await jalon(['list'], { ...keyless, JALON_API_KEY: `${key}x` });
    expect(wrong).toMatchObject({
      code: 1,
      err: expect.stringContaining('A valid API key or token is required'),
    });
    expect(none.err + open.err + wrong.err).not.toContain(key);
  });

  test('an API that is away is named, and what it was not sent over an open wire', async () => {
    const { JALON_API_URL: _url, ...nowhere } = as('lea');
    const away = await jalon(['list', '--api', 'http://127.0.0.1:9'], nowhere);
    expect(away).toMatchObject({
      code: 1,
      err: expect.stringContaining('http://127.0.0.1:9 does not answer'),
    });
    expect(await jalon(['list'], nowhere)).toMatchObject({
      code: 1,
      err: expect.stringContaining('npm start'),
    });
    const clear = await jalon(['list', '--api', 'http://jalon.example.com'], nowhere);
    expect(clear).toMatchObject({ code: 2, err: expect.stringContaining('must be https') });
  });

  test('a command that is used wrongly exits with 2, one that is asked for help with 0', async () => {
    for (const args of [[], ['nonsense'], ['show'], ['vote', 'x', 'maybe'], ['list', '--nonsense']]) {
      expect(await jalon(args, {}), args.join(' ')).toMatchObject({ code: 2, out: '' });
    }
    const help = await jalon(['vote', '--help'], {});
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('advance_with_conditions');
  });
});

// Last: it tampers with the database.
test('verify walks the ledger, and names the event that somebody changed', async () => {
  const env = { ...company.env };
  const well = await jalon(['verify'], env);
  expect(well).toMatchObject({ code: 0, out: expect.stringMatching(/holds: \d+ events of 4 theses/) });
  const client = new pg.Client({ connectionString: company.database.url });
  await client.connect();
  try {
    await client.query('alter table thesis_event disable trigger user');
    const { rows } = await client.query(
      `update thesis_event set actor = 'somebody' where sequence = 2 returning thesis_id`,
    );
    const broken = await jalon(['verify', '--json'], env);
    expect(broken.code).toBe(1);
    expect(rows.map(({ thesis_id }) => thesis_id)).toContain(JSON.parse(broken.out).broken.thesisId);
    expect(JSON.parse(broken.out).broken.sequence).toBe(2);
    expect(broken.err).toContain('The ledger is broken at event 2');
  } finally {
    await client.end();
  }
});
