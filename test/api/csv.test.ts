// CSV that survives its own separators, and spreadsheets that would run what they read.
import { expect, test } from 'vitest';
import { csv } from '../../api/csv.ts';

test('rows end with CRLF, null is empty, and separators are quoted', () => {
  expect(
    csv(
      ['a', 'b'],
      [
        ['x,y', null],
        ['say "hi"', 'two\nlines'],
        [3, '-12.50'],
      ],
    ),
  ).toBe('a,b\r\n"x,y",\r\n"say ""hi""","two\nlines"\r\n3,-12.50\r\n');
});

test.each([
  ['=1+1', "'=1+1"],
  ['+cmd', "'+cmd"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\uff1dx', "'\uff1dx"],
  ['=A1,B1', '"\'=A1,B1"'],
  ['-2.5', '-2.5'],
  ['a=b', 'a=b'],
])('%j is written %j', (text, written) => {
  expect(csv(['c'], [[text]])).toBe(`c\r\n${written}\r\n`);
});
