import { expect, it } from 'vitest';
import type { Project } from '@/shared/api/types';
import { changesOf, collisions, SETTINGS, type Setting, undoOf, valueOf } from './settings';

const shop = {
  name: 'Shop',
  description: null,
  wipLimit: 3,
  dayCostLimitUsd: null,
  agentAllow: ['edits', 'git'],
  mcpTools: null,
  mcpPermissions: { approve: true, promote: false },
  previewEnabled: true,
  version: 4,
} as unknown as Project;

const all: readonly Setting[] = Object.values(SETTINGS).flat();
const setting = (name: string) => all.find((each) => each.name === name) ?? expect.fail(name);

it.each([
  ['name', 'Shop'],
  ['description', ''],
  ['wipLimit', '3'],
  ['agentAllow', 'edits\ngit'],
  ['mcpTools', null],
  ['mcpPermissions', ['approve']],
  ['previewEnabled', true],
])('the control of %s holds %j', (name, value) => {
  expect(valueOf(shop, setting(name))).toEqual(value);
});

it('sends what differs, and nothing that was only touched', () => {
  const draft = {
    name: ' Shop ',
    wipLimit: '',
    dayCostLimitUsd: '12.50',
    agentAllow: 'edits\n\n Bash(npm run lint) \n',
    mcpTools: ['log'],
    mcpPermissions: ['approve'],
    previewEnabled: false,
  };
  expect(changesOf(shop, all, draft)).toEqual({
    wipLimit: null,
    dayCostLimitUsd: 12.5,
    agentAllow: ['edits', 'Bash(npm run lint)'],
    mcpTools: ['log'],
    previewEnabled: false,
  });
});

it('goes back to what was there before', () => {
  expect(undoOf(shop, { wipLimit: null, agentAllow: [] })).toEqual({
    wipLimit: 3,
    agentAllow: ['edits', 'git'],
  });
});

it('collides only where two people changed the same setting, to something else', () => {
  const now = { ...shop, name: 'Store', wipLimit: 5, version: 6 };
  expect(collisions(shop, now, { name: 'Shoppe' })).toEqual(['name']);
  expect(collisions(shop, now, { wipLimit: 5 })).toEqual([]);
  expect(collisions(shop, now, { previewEnabled: false })).toEqual([]);
});
