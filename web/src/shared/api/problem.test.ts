import { expect, it } from 'vitest';
import { problemFrom } from './problem';

it('reads the error envelope', () => {
  const body = {
    success: false,
    error: {
      code: 'commit_moved',
      message: 'The branch has moved.',
      details: { head: 'abc' },
      requestId: 'r',
    },
  };
  const problem = problemFrom(409, body);
  expect(problem).toMatchObject({ status: 409, code: 'commit_moved', message: 'The branch has moved.' });
  expect(problem.details).toEqual({ head: 'abc' });
  expect(problem.passing).toBe(false);
});

it.each([null, undefined, '<html>Bad gateway</html>', [], { error: 'no' }, { error: { code: 7 } }])(
  'makes a problem of %j too',
  (body) => {
    const problem = problemFrom(502, body);
    expect(problem.code).toBe('unexpected_answer');
    expect(problem.passing).toBe(true);
  },
);
