import { describe, expect, it } from 'vitest';
import type { Robot } from '@/shared/api/types';
import {
  asked,
  letIn,
  refreshed,
  type RobotChange,
  type RobotList,
  withChanges,
  withMore,
  withRows,
} from './robots';

/** Robot number n was made in minute n. */
const robot = (n: number, fields: Partial<Robot> = {}) =>
  ({
    robotId: `ocr_${n}`,
    status: 'PENDING',
    moduleName: 'ocr',
    createdAt: `2026-11-21T10:${String(n).padStart(2, '0')}:00Z`,
    updatedAt: '2026-11-21T10:00:00Z',
    ...fields,
  }) as Robot;
const change = (n: number, fields: Partial<RobotChange> = {}): RobotChange => ({
  robotId: `ocr_${n}`,
  status: 'PROCESSING',
  robotType: 'ocr.read',
  moduleName: 'ocr',
  correlationId: null,
  ...fields,
});
const page = (numbers: number[], nextCursor: string | null = null) => ({
  data: numbers.map((n) => robot(n)),
  nextCursor,
});
const list = (numbers: number[], next: string | null = null): RobotList =>
  refreshed(undefined, page(numbers, next));
const ids = ({ rows }: RobotList) => rows.map(({ robotId }) => Number(robotId.slice(4)));

describe('a list of robots', () => {
  it('changes what it shows in its place, and knows that there is more to read of it', () => {
    const changed = withChanges(list([3, 2, 1]), {}, [change(2), change(2, { status: 'FAILED' })]);
    expect(ids(changed)).toEqual([3, 2, 1]);
    expect(changed.rows[1]?.status).toBe('FAILED');
    expect([...changed.outdated]).toEqual(['ocr_2']);
    expect([...asked(changed, ['ocr_2']).outdated]).toEqual([]);
  });

  it('keeps what no longer matches its filters, for rows do not jump', () => {
    expect(ids(withChanges(list([2, 1]), { status: 'PENDING' }, [change(2)]))).toEqual([2, 1]);
  });

  it('counts as new only what belongs to it', () => {
    const filters = { status: 'PROCESSING', type: 'ocr.read', module: 'ocr', batch: 'b-7' } as const;
    const news = [
      change(4, { correlationId: 'b-7' }),
      change(5, { correlationId: 'b-8' }),
      change(6, { correlationId: 'b-7', status: 'FAILED' }),
    ];
    const told = withChanges(list([1]), filters, news);
    expect([...told.fresh]).toEqual(['ocr_4']);
    expect(ids(told)).toEqual([1]);
  });

  it('is the same list where nothing concerns it', () => {
    const before = list([1]);
    expect(withChanges(before, { type: 'mail.send' }, [change(9)])).toBe(before);
  });

  it('lets in what is new, above what is shown', () => {
    const told = withChanges(list([2, 1], 'c1'), {}, [change(3)]);
    const grown = letIn(told, page([3, 2], 'c2'));
    expect(ids(grown)).toEqual([3, 2, 1]);
    expect([grown.next, grown.fresh.size]).toEqual(['c1', 0]);
  });

  it('puts an older robot that belongs to it now where it stands by its age', () => {
    expect(ids(letIn(list([9, 5, 1]), page([9, 7, 5, 1])))).toEqual([9, 7, 5, 1]);
  });

  it('begins anew where the first page does not reach what is shown: nothing may be missing in between', () => {
    const begun = letIn(list([2, 1], 'c1'), page([30, 29], 'c9'));
    expect(ids(begun)).toEqual([30, 29]);
    expect(begun.next).toBe('c9');
  });

  it('grows at its end, each robot once', () => {
    const grown = withMore(list([4, 3], 'c1'), page([3, 2]));
    expect(ids(grown)).toEqual([4, 3, 2]);
    expect(grown.next).toBeNull();
  });

  it('after the line was lost, offers what is new and reads the rest when somebody looks at it', () => {
    const back = refreshed(list([3, 2, 1], 'c1'), page([5, 4, 3], 'c2'));
    expect(ids(back)).toEqual([3, 2, 1]);
    expect([...back.fresh]).toEqual(['ocr_5', 'ocr_4']);
    expect([...back.outdated]).toEqual(['ocr_2', 'ocr_1']);
  });

  it('takes rows that were read anew, but never an older answer', () => {
    const newer = robot(1, { status: 'COMPLETED', updatedAt: '2026-11-21T10:05:00Z' });
    const read = withRows(list([1]), [newer]);
    expect(read.rows[0]?.status).toBe('COMPLETED');
    expect(withRows(read, [robot(1)]).rows[0]?.status).toBe('COMPLETED');
  });
});

describe('the system’s own robots', () => {
  const system = new Set(['control']);
  const check = [change(9, { moduleName: 'control', robotType: 'health.check' })];

  it('are new in a list only if it shows them', () => {
    expect([...withChanges(list([1]), {}, check, system).fresh]).toEqual([]);
    expect([...withChanges(list([1]), { system: true }, check, system).fresh]).toEqual(['ocr_9']);
  });

  it.each([{ type: 'health.check' }, { module: 'control' }, { named: 'ocr_9' }])(
    'are shown to whoever asks for them by a name: %o',
    (filters) => {
      expect([...withChanges(list([1]), filters, check, system).fresh]).toEqual(['ocr_9']);
    },
  );
});
