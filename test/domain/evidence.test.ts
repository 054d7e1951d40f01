// The ladder of evidence: what reaches which rung, and what a number made of several rests on.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cell,
  EVIDENCE_GRADES,
  type EvidenceCell,
  reachesGrade,
  weakestGrade,
} from '../../domain/evidence.ts';
import { day } from '../support/small-contract.ts';

test('a grade reaches itself and every rung below', () => {
  EVIDENCE_GRADES.forEach((grade, height) => {
    const reached = EVIDENCE_GRADES.filter((rung) => reachesGrade(grade, rung));
    expect(reached).toEqual(EVIDENCE_GRADES.slice(0, height + 1));
  });
});

test('a number rests on its weakest part, and without any part on nothing better than a declaration', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVIDENCE_GRADES), { minLength: 1 }), (grades) => {
      const weakest = weakestGrade(grades);
      expect(grades).toContain(weakest);
      for (const grade of grades) expect(reachesGrade(grade, weakest)).toBe(true);
    }),
  );
  expect(weakestGrade([])).toBe('declared');
});

test('a cell is found by metric and arm; without an arm the sum over all arms', () => {
  const of = (arm: string): EvidenceCell => ({
    metric: 'clicks',
    arm,
    n: null,
    sum: '3',
    sumSquares: null,
    currency: null,
    grade: 'attributed',
    observations: 1,
    missing: 0,
    from: day(0),
    to: day(1),
  });
  const table = { cells: [of('control'), of('')] };
  expect(cell(table, 'clicks')).toBe(table.cells[1]);
  expect(cell(table, 'clicks', 'control')).toBe(table.cells[0]);
  expect(cell(table, 'clicks', 'offer')).toBeNull();
  expect(cell(table, 'visitors')).toBeNull();
});
