import type { TFunction } from 'i18next';
import { expect, it } from 'vitest';
import { Problem } from '@/shared/api/problem';
import * as spanish from '@/shared/i18n/es/told';
import { tellIn } from '@/shared/i18n/told';
import { readInput, refusalsOf } from './refusals';

const t = ((name: string) => name) as TFunction;

it.each([
  ['bad_cron', 'cron'],
  ['bad_timezone', 'timezone'],
  ['schedule_exists', 'name'],
  ['unknown_robot_type', 'robotType'],
] as const)('shows %s at the field %s', (code, field) => {
  expect(refusalsOf(new Problem(422, code, 'No.'), t)).toEqual({ [field]: 'No.' });
});

it('shows broken rules at their fields, and those about the input at the input', () => {
  const fields = [
    { field: 'name', rule: 'must match a pattern' },
    { field: 'robot.inputData.pages', rule: 'is missing' },
  ];
  expect(refusalsOf(new Problem(422, 'invalid', 'Wrong.', { fields }), t)).toEqual({
    name: 'must match a pattern',
    input: 'pages: is missing',
  });
});

it('tells a rule of ours in the language of the page', () => {
  tellIn(spanish);
  const told = { code: 'rule_at_most_characters', values: { limit: 100 } };
  const fields = [{ field: 'name', rule: 'must have at most 100 characters', told }];
  expect(refusalsOf(new Problem(422, 'invalid', 'Wrong.', { fields }), t)).toEqual({
    name: 'admite como mucho 100 caracteres',
  });
  tellIn(null);
});

it('tells what a schema wants of the input, and quotes what only its library can say', () => {
  tellIn(spanish);
  const rule = (code: string, values: object, field = 'inputData') => {
    const fields = [{ field, rule: 'English', told: { code, values } }];
    return refusalsOf(new Problem(422, 'input_refused', 'Wrong.', { fields }), t)?.input;
  };
  expect(rule('rule_required', { name: 'pages' })).toBe('necesita el campo pages');
  expect(rule('rule_integer', {}, 'inputData.pages.0')).toBe('pages.0: debe ser un número entero');
  expect(rule('rule_other', { error: 'is odd' })).toBe('no es válido: \u2068is odd\u2069');
  expect(rule('rule_of_tomorrow', {})).toBe('English');
  tellIn(null);
});

it('leaves what is about no field to be told elsewhere', () => {
  expect(refusalsOf(new Problem(403, 'denied', 'No.'), t)).toBeNull();
  expect(
    refusalsOf(new Problem(422, 'invalid', 'No.', { fields: [{ field: 'robot', rule: 'odd' }] }), t),
  ).toBeNull();
  expect(refusalsOf(new Error('?'), t)).toBeNull();
});

it('reads an input that is a JSON object, and nothing as an empty one', () => {
  expect(readInput(' {"folder": "in"} ')).toEqual({ folder: 'in' });
  expect(readInput('')).toEqual({});
  for (const wrong of ['[1]', 'null', '"text"', '{"open":']) expect(readInput(wrong)).toBeNull();
});
