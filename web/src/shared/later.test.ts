import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { flushLater, later } from './later';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('is done once, after a while', () => {
  const act = vi.fn();
  const takeBack = later(act, 1_000);
  vi.advanceTimersByTime(999);
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5_000);
  flushLater();
  expect(act).toHaveBeenCalledTimes(1);
  expect(takeBack()).toBe(false);
});

it('is never done if it is taken back in time', () => {
  const act = vi.fn();
  expect(later(act, 1_000)()).toBe(true);
  vi.advanceTimersByTime(5_000);
  flushLater();
  expect(act).not.toHaveBeenCalled();
});

it('is done at once when the page is left', () => {
  const act = vi.fn();
  later(act, 1_000);
  flushLater();
  expect(act).toHaveBeenCalledTimes(1);
});
