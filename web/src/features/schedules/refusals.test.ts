import { expect, it } from 'vitest';
import { Problem } from '@/shared/api/problem';
import { readInput, refusalsOf } from './refusals';

it.each([
  ['bad_cron', 'cron'],
  ['bad_timezone', 'timezone'],
  ['schedule_exists', 'name'],
  ['unknown_robot_type', 'robotType'],
] as const)('shows %s at the field %s', (code, field) => {
  expect(refusalsOf(new Problem(422, code, 'No.'))).toEqual({ [field]: 'No.' });
});

it('shows broken rules at their fields, and those about the input at the input', () => {
  const fields = [
    { field: 'name', rule: 'must match a pattern' },
    { field: 'robot.inputData.pages', rule: 'is missing' },
  ];
  expect(refusalsOf(new Problem(422, 'invalid', 'Wrong.', { fields }))).toEqual({
    name: 'must match a pattern',
    input: 'is missing',
  });
});

it('leaves what is about no field to be told elsewhere', () => {
  expect(refusalsOf(new Problem(403, 'denied', 'No.'))).toBeNull();
  expect(
    refusalsOf(new Problem(422, 'invalid', 'No.', { fields: [{ field: 'robot', rule: 'odd' }] })),
  ).toBeNull();
  expect(refusalsOf(new Error('?'))).toBeNull();
});

it('reads an input that is a JSON object, and nothing as an empty one', () => {
  expect(readInput(' {"folder": "in"} ')).toEqual({ folder: 'in' });
  expect(readInput('')).toEqual({});
  for (const wrong of ['[1]', 'null', '"text"', '{"open":']) expect(readInput(wrong)).toBeNull();
});
