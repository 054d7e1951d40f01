// Which SQL may be stored as a connection's query, and how its named parameters become bound positions.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkQueries, checkQuery, freeParameters } from '../../../activities/connectors/query-check.ts';
import { bindNames, readSql, UnfinishedSql } from '../../../activities/connectors/sql-text.ts';

const PERIOD = 'where day >= :from and day < :to';

function faults(sql: string, parameters?: string[]): string[] {
  return checkQuery({ metric: 'clicks', sql, ...(parameters && { parameters }) }).map(
    ({ message }) => message,
  );
}

describe('named parameters', () => {
  test('are bound by position, each name once', () => {
    expect(bindNames(`select :campaign, x ${PERIOD} and c = :campaign`)).toEqual({
      text: 'select $1, x where day >= $2 and day < $3 and c = $1',
      names: ['campaign', 'from', 'to'],
    });
  });

  test.each([
    ['a literal', `':from'`],
    ['a doubled quote', `'it''s :from'`],
    ['an escape literal', `E'\\' :from'`],
    ['a quoted name', `":from"`],
    ['a doubled double quote', `"a"":from"`],
    ['a dollar quote', `$$ :from $$`],
    ['a tagged dollar quote', `$a$ $$ :from $b$ $a$`],
    ['a line comment', `-- :from '\n`],
    ['nested comments', `/* /* */ :from ' */`],
    ['a cast', `x::from`],
    ['an assignment', `x := y`],
    ['a name with a dollar', `a$b$c`],
  ])('are not looked for in %s', (_, sql) => {
    expect(bindNames(sql)).toEqual({ text: sql, names: [] });
  });

  test('stand beside casts and literals', () => {
    expect(bindNames(`:from::date + 'x':to`).text).toBe(`$1::date + 'x'$2`);
  });

  test.each([`'open`, `"open`, `$tag$ open`, `/* /* open */`, `E'open\\'`])('%s has no end', (sql) => {
    expect(() => readSql(sql)).toThrow(UnfinishedSql);
    expect(faults(`select ${sql} ${PERIOD}`)).toEqual([expect.stringContaining('Must be complete')]);
  });

  test('any text is either unfinished or comes out in pieces that are the text', () => {
    const fragments = [
      "'",
      '"',
      '$',
      '$a$',
      ':',
      '::',
      '/*',
      '*/',
      '--',
      '\n',
      'E',
      'x',
      ' ',
      '\\',
      ';',
      '1',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...fragments), { maxLength: 25 }), (parts) => {
        const sql = parts.join('');
        try {
          expect(
            readSql(sql)
              .map(({ text }) => text)
              .join(''),
          ).toBe(sql);
        } catch (problem) {
          if (!(problem instanceof UnfinishedSql)) throw problem;
        }
      }),
    );
  });
});

describe('a query that may be stored', () => {
  test.each([
    `select day, arm, count(*) as sum from clicks ${PERIOD} group by 1, 2`,
    `with c as materialized (select * from clicks) select day, sum(n) as sum from c ${PERIOD} group by 1`,
    `SELECT "update", insert, replace(delete, 'a', 'b') FROM t ${PERIOD}`,
    `select x /* copy; into; */ from t ${PERIOD} -- done;`,
  ])('%s', (sql) => {
    expect(faults(sql)).toEqual([]);
  });

  test('uses exactly the parameters it declares', () => {
    const sql = `select x from t ${PERIOD} and campaign = :campaign`;
    expect(freeParameters(sql)).toEqual(['campaign']);
    expect(faults(sql, ['campaign'])).toEqual([]);
    expect(faults(sql, [])).toEqual([expect.stringContaining(':campaign is not among')]);
    expect(faults(sql, ['campaign', 'arm'])).toEqual(['Must use its parameter :arm.']);
  });
});

describe('a query that may not', () => {
  test.each([
    ['a missing :to', 'select x from t where day >= :from', 'Must use :to.'],
    ['another statement', `update t set x = 1 ${PERIOD}`, 'Must be one statement that begins with SELECT'],
    ['nothing', '', 'Must be one statement'],
    ['two statements', `select 1 ${PERIOD}; drop table t`, 'without a semicolon'],
    ['a table made', `select * into u from t ${PERIOD}`, 'INTO writes'],
    ['a writing CTE', `with d as (delete from t returning 1) select * from d ${PERIOD}`, 'DELETE writes'],
    ['a write after a CTE', `with d as (select 1) insert into t select * from d ${PERIOD}`, 'INSERT writes'],
    ['numbered parameters', `select $1 from t ${PERIOD}`, 'instead of numbering'],
    ['a file', `select pg_read_file('/etc/passwd') from t ${PERIOD}`, 'Must not call pg_read_file.'],
    ['a file, quoted', `select pg_catalog."pg_read_file" /**/ ('x') from t ${PERIOD}`, 'pg_read_file'],
    ['a file, escaped', `select U&"pg_read_fil\\0065"('x') from t ${PERIOD}`, 'U&'],
    ['a network', `select * from dblink('host=x', 'select 1') ${PERIOD}`, 'Must not call dblink.'],
    ['a large object', `select LO_IMPORT('/etc/passwd') ${PERIOD}`, 'Must not call lo_import.'],
    ['a setting', `select set_config('a', 'b', true) ${PERIOD}`, 'set_config'],
    ['a query in text', `select query_to_xml('select 1', true, true, '') ${PERIOD}`, 'query_to_xml'],
    [
      'a query in text search',
      `select ts_rewrite('a'::tsquery, 'select a, b from x') ${PERIOD}`,
      'ts_rewrite',
    ],
    ['a query in a pivot', `select * from crosstab('select 1') as t (x int) ${PERIOD}`, 'crosstab'],
    ['a cloud', `select aws_lambda.invoke('f', '{}') ${PERIOD}`, 'Must not call invoke.'],
    ['another session', `select pg_terminate_backend(1) ${PERIOD}`, 'pg_terminate_backend'],
    ['a sleep', `select pg_sleep(100) ${PERIOD}`, 'pg_sleep'],
    ['a NUL', `select '\0' ${PERIOD}`, 'NUL'],
    ['a text without end', `select 1 ${PERIOD} ${'x'.repeat(20_000)}`, 'at most 20000'],
  ])('%s', (_, sql, expected) => {
    expect(faults(sql).join()).toContain(expected);
  });

  test('is named by its place in the list', () => {
    const sound = { metric: 'clicks', sql: `select x from t ${PERIOD}` };
    expect(checkQueries([sound, { ...sound, metric: 'ctr' }, { ...sound, grade: 'declared' }])).toEqual([
      { path: '[1].metric', message: expect.stringContaining('not a ratio') },
      { path: '[2].grade', message: expect.stringContaining('Must be one of: attributed') },
      { path: '[2].metric', message: 'Another query of the connection gives this metric.' },
    ]);
  });
});
