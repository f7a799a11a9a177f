import { describe, expect, it } from 'vitest';
import { FeedBook } from './feeds';

describe('FeedBook', () => {
  it('takes each number of a feed once and in order', () => {
    const book = new FeedBook();
    expect([4, 5, 5, 4, 6].map((number) => book.read('shop', number))).toEqual([
      'next',
      'next',
      'old',
      'old',
      'next',
    ]);
  });

  it('sees a gap and does not read past it', () => {
    const book = new FeedBook();
    book.read('shop', 1);
    expect(book.read('shop', 3)).toBe('gap');
    expect(book.numbers).toEqual({ shop: 1 });
    expect(book.read('shop', 2)).toBe('next');
    expect(book.read('shop', 3)).toBe('next');
  });

  it('keeps feeds apart', () => {
    const book = new FeedBook();
    book.read('shop', 9);
    expect(book.read('system', 1)).toBe('next');
    expect(book.numbers).toEqual({ shop: 9, system: 1 });
  });

  it('catches up only forward, and starts over also backward', () => {
    const book = new FeedBook();
    book.read('shop', 9);
    book.catchUp({ shop: 7, system: 3 });
    expect(book.numbers).toEqual({ shop: 9, system: 3 });
    book.startOver({ shop: 2 });
    expect(book.numbers).toEqual({ shop: 2 });
  });
});
