import { describe, expect, it } from 'vitest';
import { ago, ahead, duration, exact } from './time';

// Noon where it is run: what is shown is the reader's own day.
const NOW = new Date(2026, 10, 21, 12);
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('ago', () => {
  it.each([
    [0, 'now'],
    [44, 'now'],
    [-300, 'now'],
    [46, '1 min'],
    [240, '4 min'],
    [3_599, '60 min'],
    [3_600, '1 h'],
    [86_399, '23 h'],
    [86_400, '1 d'],
    [13 * 86_400, '13 d'],
    [20 * 86_400, 'Nov 1'],
    [400 * 86_400, 'Oct 17, 2025'],
  ])('%d seconds is %s', (seconds, text) => {
    expect(plain(ago(before(seconds), NOW, 'en'))).toBe(text);
  });

  it('speaks Spanish', () => {
    expect(ago(NOW, NOW, 'es')).toBe('ahora');
    expect(plain(ago(before(20 * 86_400), NOW, 'es'))).toBe('1 nov');
  });
});

describe('duration', () => {
  it.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [0.3, '1 ms'],
    [13, '13 ms'],
    [999, '999 ms'],
    [999.6, '1 s'],
    [3_000, '3 s'],
    [3_240, '3.2 s'],
    [9_960, '9 s'],
    [12_900, '12 s'],
    [245_000, '4 min 05 s'],
    [754_000, '12 min'],
    [3_900_000, '1 h 05 min'],
    [90_000_000, '25 h 00 min'],
  ])('%d milliseconds is %s', (milliseconds, text) => {
    expect(plain(duration(milliseconds))).toBe(text);
  });

  it('counts as the language does', () => {
    expect(plain(duration(3_240, 'es'))).toBe('3,2 s');
  });
});

describe('exact', () => {
  it('has the hours of the other clocks of the page', () => {
    expect(exact(new Date(2026, 10, 21, 19, 12, 2), 'en')).toBe('Nov 21, 2026, 19:12:02');
  });
});

describe('ahead', () => {
  const now = new Date(2026, 10, 21, 12, 0);
  it.each([
    [new Date(2026, 10, 21, 14, 5), '14:05'],
    [new Date(2026, 10, 22, 6, 0), 'Sun 06:00'],
    [new Date(2026, 11, 1, 0, 0), 'Dec 1 00:00'],
  ])('says %s as %s', (moment, text) => {
    expect(ahead(moment, now, 'en')).toBe(text);
  });
});
