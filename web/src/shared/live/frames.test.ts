import { describe, expect, it } from 'vitest';
import { FrameBuffer } from './frames';

describe('FrameBuffer', () => {
  it('hands on everything of a frame at once, and the next frame separately', () => {
    const flushed: (readonly number[])[] = [];
    const frames: (() => void)[] = [];
    const buffer = new FrameBuffer<number>(
      (items) => flushed.push(items),
      (callback) => frames.push(callback),
    );
    buffer.add([1]);
    buffer.add([2, 3]);
    expect(frames).toHaveLength(1);
    expect(flushed).toEqual([]);
    frames.shift()?.();
    buffer.add([4]);
    frames.shift()?.();
    expect(flushed).toEqual([[1, 2, 3], [4]]);
  });
});
