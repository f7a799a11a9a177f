import { expect, it } from 'vitest';
import { endOf, figuresOf } from './figures';

const nothing = {
  cpuUsagePercent: null,
  memoryUsageMb: null,
  diskIoMb: null,
  networkIoMb: null,
  throughputItemsPerSec: null,
  externalApiCalls: 0,
  resourcePeakUsage: {},
};

it('tells what a worker told, with the peak where that was higher', () => {
  const told = { ...nothing, cpuUsagePercent: 20, memoryUsageMb: 300, externalApiCalls: 3 };
  expect(figuresOf({ ...told, resourcePeakUsage: { max_cpu: 90, max_memory: 300 } })).toEqual([
    { name: 'cpu', value: 20, peak: 90 },
    { name: 'memory', value: 300, peak: null },
    { name: 'calls', value: 3, peak: null },
  ]);
});

it('is silent about what nobody told', () => {
  expect(figuresOf(nothing)).toEqual([]);
  expect(figuresOf({ ...nothing, cpuUsagePercent: 0, resourcePeakUsage: { max_cpu: 'much' } })).toEqual([
    { name: 'cpu', value: 0, peak: null },
  ]);
});

it('tells a try that was lost, which does not count, from one that failed', () => {
  expect(endOf({ outcome: 'lost' })).toBe('lost');
  expect(endOf({ outcome: 'review' })).toBe('held');
  expect(endOf({ outcome: 'timeout' })).toBeNull();
});
