import { expect, it } from 'vitest';
import type { Module } from '@/shared/api/types';
import { familyOf, peersOf, versionsOf } from './family';

const module = (moduleName: string, supportedRobotTypes: string[], isActive = true) =>
  ({ moduleName, supportedRobotTypes, isActive }) as Module;
const all = [
  module('ocr', ['ocr.read', 'ocr.table']),
  module('ocr@2.0', ['ocr.read']),
  module('ocr-gpu', ['ocr.read']),
  module('old', ['ocr.read'], false),
];

it('knows the versions of a module by its name', () => {
  expect(familyOf('ocr@2.0')).toBe('ocr');
  expect(versionsOf(all, 'ocr@2.0').map((one) => one.moduleName)).toEqual(['ocr', 'ocr@2.0']);
});

it('knows who else does its types, those that are switched off aside', () => {
  const [ocr] = all;
  expect(
    ocr && peersOf(all, ocr).map(({ type, others }) => [type, others.map((one) => one.moduleName)]),
  ).toEqual([
    ['ocr.read', ['ocr@2.0', 'ocr-gpu']],
    ['ocr.table', []],
  ]);
});
