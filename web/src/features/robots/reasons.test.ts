import type { TFunction } from 'i18next';
import { expect, it } from 'vitest';
import { decisionOf, errorOf, standing, standsStill, trailOf, triesOf } from './reasons';

const t = ((name: string) => name) as TFunction;

it('says what went wrong in words, and keeps the rest for whoever mends it', () => {
  const details = { message: 'The page is empty.', trace: 'line 7' };
  expect(errorOf({ errorDetails: details, errorCategory: 'VALIDATION' }, t)).toEqual({
    message: 'The page is empty.',
    details,
  });
  expect(errorOf({ errorDetails: {}, errorCategory: 'TIMEOUT' }, t)?.message).toBe('TIMEOUT');
  expect(errorOf({ errorDetails: null, errorCategory: null }, t)).toBeNull();
});

it('reads a routing decision, whatever else stands in it', () => {
  const row = { module: 'ocr', active: true, health: 'HEALTHY', score: 0.9, capacity: 0.5, figure: 0.45 };
  const decision = { chosen: 'ocr', why: 'best figure', considered: [row, null, { module: 7 }] };
  expect(decisionOf({ routingDecision: decision, moduleName: 'ocr' })).toEqual({
    why: 'best figure',
    considered: [
      {
        module: 'ocr',
        health: 'HEALTHY',
        score: 0.9,
        capacity: 0.5,
        figure: 0.45,
        queue: null,
        out: null,
        chosen: true,
      },
    ],
    movedFrom: null,
  });
  expect(decisionOf({ routingDecision: { chosen: 'ocr' }, moduleName: 'ocr' })).toBeNull();
  expect(decisionOf({ routingDecision: null, moduleName: 'ocr' })).toBeNull();
});

it('puts the chosen one first, then the best by health and figure, and last what could not be chosen', () => {
  const row = (module: string, fields: object) => ({
    module,
    active: true,
    health: 'HEALTHY',
    figure: 1,
    ...fields,
  });
  const decision = {
    chosen: 'ocr',
    why: 'shorter queue',
    movedFrom: 'old',
    considered: [
      row('off', { active: false }),
      row('unsteady', { health: 'DEGRADED' }),
      row('slow', { figure: 0.2 }),
      row('full', { draining: true, figure: 0.5 }),
      row('ocr', { figure: 0.9, queue: 3 }),
    ],
  };
  const read = decisionOf({ routingDecision: decision, moduleName: 'ocr' });
  expect(read?.considered.map(({ module, out }) => [module, out])).toEqual([
    ['ocr', null],
    ['slow', null],
    ['unsteady', null],
    ['off', 'off'],
    ['full', 'draining'],
  ]);
  expect([read?.movedFrom, read?.considered[0]?.queue]).toEqual(['old', 3]);
});

it('knows what was paused: a robot that waits by why it is held, one that runs by its last try', () => {
  const held = 'paused; resume it to let it go on';
  expect(standsStill({ held, status: 'PENDING' }, undefined)).toBe(true);
  expect(standsStill({ held: 'after SHOP-9', status: 'PENDING' }, undefined)).toBe(false);
  expect(standsStill({ held: null, status: 'PROCESSING' }, { executionState: 'PAUSED' })).toBe(true);
  expect(standsStill({ held: null, status: 'PROCESSING' }, { executionState: 'RUNNING' })).toBe(false);
});

it('counts the try that is under way, or was the last, and none before the first', () => {
  expect(triesOf({ status: 'PENDING', retryCount: 0 })).toBe(0);
  expect(triesOf({ status: 'PROCESSING', retryCount: 0 })).toBe(1);
  expect(triesOf({ status: 'RETRYING', retryCount: 1 })).toBe(1);
  expect(triesOf({ status: 'FAILED', retryCount: 2 })).toBe(3);
});

it('knows who was begun and does not run: its result waits for a person, or somebody paused it', () => {
  const paused = { code: 'robot_paused', values: {} };
  expect(standing({ status: 'PROCESSING', review: 'waiting' })).toBe('review');
  expect(standing({ status: 'PROCESSING', review: 'sent_back', waitingTold: paused })).toBe('paused');
  expect(standing({ status: 'PROCESSING', review: null, waitingTold: null })).toBeNull();
  expect(standing({ status: 'COMPLETED', review: 'waiting', waitingTold: paused })).toBeNull();
});

it('tells what was done with a robot, the last first, and leaves out what makes no sense', () => {
  const line = (did: string, why: string | null = null) => ({
    at: '2026-11-22T10:00:00Z',
    by: 'ana',
    did,
    why,
  });
  const told = trailOf({
    auditTrail: [line('submitted'), { did: 7 }, line('cancelled', 'wrong'), line('sung')],
  });
  expect(told.map(({ did, known, why }) => [did, known, why])).toEqual([
    ['sung', null, null],
    ['cancelled', 'cancelled', 'wrong'],
    ['submitted', 'submitted', null],
  ]);
  expect(trailOf({ auditTrail: null })).toEqual([]);
});
