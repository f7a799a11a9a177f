import { expect, it } from 'vitest';
import { FrameBuffer } from './frames';

function make() {
  const flushed: (readonly number[])[] = [];
  const scheduled: { callback: () => void; wait: number }[] = [];
  const clock = { now: 1_000 };
  const buffer = new FrameBuffer<number>(
    (items) => flushed.push(items),
    (callback, wait) => scheduled.push({ callback, wait }),
    () => clock.now,
  );
  const run = () => scheduled.shift()?.callback();
  return { buffer, flushed, scheduled, clock, run };
}

it('hands on everything of a frame at once, and the next frame separately', () => {
  const { buffer, flushed, scheduled, run } = make();
  buffer.add([1]);
  buffer.add([2, 3]);
  expect(scheduled).toHaveLength(1);
  expect(flushed).toEqual([]);
  run();
  buffer.add([4]);
  run();
  expect(flushed).toEqual([[1, 2, 3], [4]]);
});

it('does not wait with the first news, and rests before the next', () => {
  const { buffer, scheduled, clock, run } = make();
  buffer.add([1]);
  expect(scheduled[0]?.wait).toBe(0);
  run();
  clock.now += 100;
  buffer.add([2]);
  expect(scheduled[0]?.wait).toBe(150);
  run();
  clock.now += 1_000;
  buffer.add([3]);
  expect(scheduled[0]?.wait).toBe(0);
});
