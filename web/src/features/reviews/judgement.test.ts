import { expect, it } from 'vitest';
import type { Review } from '@/shared/api/types';
import { accepting, isMasked, shortOf, shown } from './judgement';

const RESULT = { total: 12, name: 'Ada' };

it('accepts a result as it is when nothing was changed', () => {
  expect(accepting(RESULT, shown(RESULT), ' ')).toEqual({ said: { decision: 'accept' } });
});

it('accepts it as it was corrected, with the comment', () => {
  expect(accepting(RESULT, '{"total": 13}', ' a digit ')).toEqual({
    said: { decision: 'accept', outputData: { total: 13 }, comment: 'a digit' },
  });
});

it.each(['', '[1]', 'null', '{"total":'])('refuses to send %j', (text) => {
  expect(accepting(RESULT, text, '')).toEqual({ unreadable: true });
});

it('knows what a result is short of', () => {
  const review = {
    completenessScore: null,
    requiredCompleteness: 0.8,
    confidenceScore: 0.9,
    requiredConfidence: 0.9,
  };
  expect(shortOf(review as Review)).toEqual([{ of: 'completeness', score: null, least: 0.8 }]);
});

it('knows that something of a result is hidden', () => {
  expect([isMasked({ pin: '•••' }), isMasked(RESULT)]).toEqual([true, false]);
});
