// The order of the stages, which nothing can change.
import { expect, test } from 'vitest';
import { GATED_STAGES, isGated, STAGE_STORY, STAGES, stageAfter } from '../../domain/stage.ts';

test('each gated stage is followed by the next, and scale by retex', () => {
  expect(GATED_STAGES.map(stageAfter)).toEqual(['prototype', 'measure', 'scale', 'retex']);
});

test('every stage but retex ends at a gate, and each says what it is for', () => {
  expect(STAGES.filter(isGated)).toEqual([...GATED_STAGES]);
  expect(Object.keys(STAGE_STORY)).toEqual([...STAGES]);
});
