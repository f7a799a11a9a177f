import type { TFunction } from 'i18next';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Module } from '@/shared/api/types';
import * as spanish from '@/shared/i18n/es/told';
import { tellIn } from '@/shared/i18n/told';
import { partsOf } from '@/shared/i18n/quotations';
import { troubleOf } from './trouble';

const t = ((name: string) => name) as TFunction;

beforeEach(() => tellIn(spanish));
afterEach(() => tellIn(null));

const ill = {
  healthStatus: 'DEGRADED',
  healthEndpoint: 'http://ocr:8080/health',
  lastErrorMessage: 'http://ocr:8080/health answered 503',
  lastErrorMessageTold: {
    code: 'health_bad_status',
    values: { url: 'http://ocr:8080/health', status: 503 },
  },
} as unknown as Module;

const trouble = (changes: object) => troubleOf({ ...ill, ...changes }, t, 'es');

it('tells in the language of the page what a check has found', () => {
  expect(trouble({})).toBe('http://ocr:8080/health ha respondido 503');
});

it('tells in it, too, why the server did not even ask, by the code of that', () => {
  const error = { words: 'It leads …', code: 'address_refused', values: { host: 'ocr' } };
  const told = { code: 'health_refused', values: { url: 'http://ocr', error } };
  expect(trouble({ lastErrorMessageTold: told })).toBe(
    'http://ocr: El servidor no llama a direcciones de ese tipo.',
  );
});

it('marks what the system said, as it said it', () => {
  const told = { code: 'health_unreached', values: { url: 'http://ocr', error: 'No route to host' } };
  expect(partsOf(trouble({ lastErrorMessageTold: told }) ?? '')).toEqual([
    'http://ocr no es accesible: ',
    'No route to host',
    '',
  ]);
});

it.each([
  ['a row from before', null],
  ['a code of a newer server', { code: 'never_heard_of', values: {} }],
  ['a code without its values', { code: 'health_bad_status', values: {} }],
])("keeps to the server's words for %s", (_, told) => {
  expect(trouble({ lastErrorMessageTold: told })).toBe('http://ocr:8080/health answered 503');
});

it('says nothing of what was wrong once the module is well', () => {
  expect(trouble({ healthStatus: 'HEALTHY' })).toBeNull();
});

it('says of one without an end point since when it is silent', () => {
  const silent = { healthEndpoint: null, lastSeenAt: '2026-11-22T10:00:00Z', silent: true };
  expect(trouble(silent)).toBe('module.silent');
});

it('says of one that nobody misses only that it does not run', () => {
  const atRest = { healthStatus: 'UNKNOWN', lastSeenAt: '2026-11-22T10:00:00Z', silent: true };
  expect(trouble(atRest)).toBe('module.atRest');
});
