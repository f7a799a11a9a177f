import type { TFunction } from 'i18next';
import { expect, it } from 'vitest';
import { Problem } from '@/shared/api/problem';
import { refusedProject, refusedSettings } from './refusals';

const t = ((name: string) => name) as TFunction;

it('shows at the default branch what is wrong with its name', () => {
  const problem = new Problem(422, 'branch_name_invalid', 'git does not allow it.');
  expect(refusedSettings(problem, ['defaultBranch'], t)).toEqual({ defaultBranch: 'git does not allow it.' });
});

it('shows a broken rule at its setting, also where only one line of several breaks it', () => {
  const fields = [
    { field: 'cpuLimit', rule: 'must match a pattern' },
    { field: 'egress.1', rule: 'must match another' },
  ];
  const problem = new Problem(422, 'invalid', 'Wrong.', { fields });
  expect(refusedSettings(problem, ['egress', 'cpuLimit'], t)).toEqual({
    cpuLimit: 'must match a pattern',
    egress: 'must match another',
  });
});

it.each([
  ['upstream_missing', 'repo'],
  ['upstream_no_repository', 'repo'],
  ['project_key_taken', 'key'],
] as const)('shows %s of a new project at the field %s', (code, field) => {
  expect(refusedProject(new Problem(409, code, 'No.'), t)).toEqual({ [field]: 'No.' });
});

it('leaves what is about none of them to be told elsewhere', () => {
  const fields = [{ field: 'setEnvVars.x', rule: 'must match a pattern' }];
  expect(refusedSettings(new Problem(422, 'invalid', 'Wrong.', { fields }), ['name'], t)).toBeNull();
  expect(refusedSettings(new Problem(403, 'denied', 'No.'), ['name'], t)).toBeNull();
  expect(refusedSettings(null, ['name'], t)).toBeNull();
});
