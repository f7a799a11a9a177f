import { expect, it } from 'vitest';
import { healthOf } from './health';

it.each([
  ['healthy', 'healthy'],
  ['Healthy', 'healthy'],
  ['unhealthy', 'unhealthy'],
  ['something new', 'unknown'],
  [null, 'unknown'],
])('%j is shown as %s', (reported, health) => {
  expect(healthOf(reported)).toBe(health);
});
