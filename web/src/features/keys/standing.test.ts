import { expect, it } from 'vitest';
import { endOf, namesIn, standingOf } from './standing';

const now = new Date('2026-09-01T12:00:00Z');

it.each([
  [null, null, 'live'],
  ['2026-09-02T00:00:00Z', null, 'live'],
  ['2026-09-01T12:00:00Z', null, 'expired'],
  [null, '2026-08-01T00:00:00Z', 'revoked'],
  ['2026-08-02T00:00:00Z', '2026-08-01T00:00:00Z', 'revoked'],
])('a key that ends at %j and was revoked at %j is %s', (expiresAt, revokedAt, standing) => {
  expect(standingOf({ expiresAt, revokedAt }, now)).toBe(standing);
});

it('ends so many days from now, or never', () => {
  expect(endOf('week', now)).toBe('2026-09-08T12:00:00.000Z');
  expect(endOf('never', now)).toBeNull();
});

it.each([
  ['', null],
  [' , ', null],
  ['ocr', ['ocr']],
  ['ocr, mail@2 print', ['ocr', 'mail@2', 'print']],
])('the names in %j are %j', (text, names) => {
  expect(namesIn(text)).toEqual(names);
});
