import { expect, it } from 'vitest';
import { accepting, shown } from './judgement';

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
