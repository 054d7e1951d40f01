// Spend adds up over rounds and stages, read-outs replacing each other within a round.
import { expect, test } from 'vitest';
import {
  nothingSpent,
  spendInNextRound,
  spendInNextStage,
  stageSpend,
  thesisSpend,
} from '../../../domain/thesis/spend.ts';
import { euros } from '../../support/small-contract.ts';

test('a round is counted once, in its stage and in its thesis', () => {
  const first = { ...nothingSpent('EUR'), round: euros('100') };
  const refined = { ...spendInNextRound(first), round: euros('30') };
  expect(stageSpend(refined)).toEqual(euros('130'));
  const next = { ...spendInNextStage(refined), round: euros('7') };
  expect(stageSpend(next)).toEqual(euros('7'));
  expect(thesisSpend(next)).toEqual(euros('137'));
  expect(thesisSpend(spendInNextStage(next))).toEqual(euros('137'));
});
