import { expect, it } from 'vitest';
import { decisionOf, errorOf } from './reasons';

it('says what went wrong in words, and keeps the rest for whoever mends it', () => {
  const details = { message: 'The page is empty.', trace: 'line 7' };
  expect(errorOf({ errorDetails: details, errorCategory: 'VALIDATION' })).toEqual({
    message: 'The page is empty.',
    details,
  });
  expect(errorOf({ errorDetails: {}, errorCategory: 'TIMEOUT' })?.message).toBe('TIMEOUT');
  expect(errorOf({ errorDetails: null, errorCategory: null })).toBeNull();
});

it('reads a routing decision, whatever else stands in it', () => {
  const row = { module: 'ocr', active: true, health: 'HEALTHY', score: 0.9, capacity: 0.5, figure: 0.45 };
  const decision = { chosen: 'ocr', why: 'best figure', considered: [row, null, { module: 7 }] };
  expect(decisionOf({ routingDecision: decision, moduleName: 'ocr' })).toEqual({
    why: 'best figure',
    considered: [{ module: 'ocr', health: 'HEALTHY', score: 0.9, capacity: 0.5, figure: 0.45, chosen: true }],
  });
  expect(decisionOf({ routingDecision: { chosen: 'ocr' }, moduleName: 'ocr' })).toBeNull();
  expect(decisionOf({ routingDecision: null, moduleName: 'ocr' })).toBeNull();
});
