import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import { keys } from '@/shared/api/keys';
import { Problem } from '@/shared/api/problem';
import type { Task } from '@/shared/api/types';
import { makeTask } from '@/shared/testing/tasks';
import { LiveCache } from './cache';
import type { LiveEvent } from './events';
import { anticipate, caughtUp, type TaskList } from './tasks';

function event(kind: string, data: Record<string, unknown>): LiveEvent {
  return { kind, data, feed: 'p-1', number: 1 };
}

function makeCache(tasks: Task[], server: Record<string, Task> | Error) {
  const queries = new QueryClient();
  const fetched: (readonly string[])[] = [];
  queries.setQueryData<TaskList>(keys.tasks.list(null), { project: null, items: tasks, complete: true });
  queries.setQueryData<TaskList>(keys.tasks.list('DOCS'), { project: 'DOCS', items: [], complete: true });
  const cache = new LiveCache(queries, (ids) => {
    fetched.push(ids);
    if (server instanceof Error) return Promise.reject(server);
    return Promise.resolve(ids.flatMap((id) => server[id] ?? []));
  });
  const list = (project: string | null) =>
    queries.getQueryData<TaskList>(keys.tasks.list(project))?.items ?? [];
  return { cache, queries, fetched, list };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('LiveCache', () => {
  it('puts a new task on every board that it belongs to, and on no other', async () => {
    const created = makeTask({ id: 'b', key: 'SHOP-2' });
    const { cache, list } = makeCache([makeTask()], { b: created });
    cache.apply([event('task:created', { taskId: 'b', projectId: 'p-1' })]);
    await settled();
    expect(list(null).map(({ key }) => key)).toEqual(['SHOP-1', 'SHOP-2']);
    expect(list('DOCS')).toEqual([]);
  });

  it('moves a card before the server is asked, and completes it after', async () => {
    const moved = makeTask({
      state: 'in_progress',
      branchName: 'task-shop-1',
      updatedAt: '2026-11-21T11:00:00Z',
    });
    const { cache, list } = makeCache([makeTask()], { 'id-1': moved });
    cache.apply([
      event('task:status_changed', { taskId: 'id-1', oldState: 'backlog', newState: 'in_progress' }),
    ]);
    expect(list(null)[0]?.state).toBe('in_progress');
    await settled();
    expect(list(null)[0]).toEqual(moved);
  });

  it('does not let an older answer replace a newer task', async () => {
    const newer = makeTask({ title: 'New', updatedAt: '2026-11-21T12:00:00Z' });
    const { cache, list } = makeCache([newer], { 'id-1': makeTask({ title: 'Old' }) });
    cache.apply([event('task:updated', { taskId: 'id-1' })]);
    await settled();
    expect(list(null)[0]?.title).toBe('New');
  });

  it('shows what was ordered until it is answered, whatever news of earlier comes in', async () => {
    const taken = makeTask({ state: 'in_progress' });
    const { cache, queries, list } = makeCache([taken], { 'id-1': taken });
    const answered = anticipate(queries, ['id-1'], { state: 'backlog' });
    const seen: (string | undefined)[] = [];
    const look = () => seen.push(list(null)[0]?.state);
    look();
    cache.apply([
      event('task:status_changed', { taskId: 'id-1', oldState: 'backlog', newState: 'in_progress' }),
    ]);
    look();
    await settled();
    look();
    expect(caughtUp({ project: null, items: [taken], complete: true }).items[0]?.state).toBe('backlog');
    expect(seen).toEqual(['backlog', 'backlog', 'backlog']);

    answered('id-1');
    cache.apply([event('task:updated', { taskId: 'id-1' })]);
    await settled();
    expect(list(null)[0]?.state).toBe('in_progress');
  });

  it('takes a task that is gone off the board', async () => {
    const other = makeTask({ id: 'b', key: 'SHOP-2' });
    const { cache, list } = makeCache([makeTask(), other], { b: other });
    cache.apply([event('task:updated', { taskId: 'id-1' }), event('task:updated', { taskId: 'b' })]);
    await settled();
    expect(list(null).map(({ key }) => key)).toEqual(['SHOP-2']);
  });

  it('keeps all when the server is merely away, and asks again with the next news', async () => {
    const away = new Problem(0, 'unreachable', 'The server does not answer.');
    const { cache, list, fetched } = makeCache([makeTask()], away);
    cache.apply([event('task:updated', { taskId: 'id-1' })]);
    await settled();
    cache.apply([event('task:updated', { taskId: 'b' })]);
    await settled();
    expect(list(null).map(({ key }) => key)).toEqual(['SHOP-1']);
    expect(fetched).toEqual([['id-1'], ['id-1', 'b']]);
  });

  it('reads what changed together in one request, and what changes meanwhile in one more', async () => {
    const { cache, fetched } = makeCache([makeTask()], {});
    cache.apply([event('task:updated', { taskId: 'a' }), event('task:updated', { taskId: 'b' })]);
    cache.apply([event('task:updated', { taskId: 'a' })]);
    cache.apply([event('task:updated', { taskId: 'c' })]);
    await settled();
    expect(fetched).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
  });

  it('leaves the list as it is when nothing on it has changed', async () => {
    const { cache, queries } = makeCache([makeTask()], { x: makeTask({ id: 'x', projectKey: 'OTHER' }) });
    const before = queries.getQueryData(keys.tasks.list('DOCS'));
    cache.apply([event('task:updated', { taskId: 'x' })]);
    await settled();
    expect(queries.getQueryData(keys.tasks.list('DOCS'))).toBe(before);
  });

  it('reads the lists anew instead of each task when very many have changed', () => {
    const { cache, fetched, queries } = makeCache([makeTask()], {});
    cache.apply(Array.from({ length: 260 }, (_, n) => event('task:updated', { taskId: `t${n}` })));
    expect(fetched).toEqual([]);
    expect(queries.getQueryState(keys.tasks.list(null))?.isInvalidated).toBe(true);
  });

  it('reads what was said before its room was entered, also where the first answer is still on its way', async () => {
    const { cache, queries } = makeCache([], {});
    const answers: ((lines: string[]) => void)[] = [];
    const log = new QueryObserver(queries, {
      queryKey: keys.agentLog('a1'),
      queryFn: () => new Promise<string[]>((resolve) => answers.push(resolve)),
    });
    const end = log.subscribe(() => undefined);
    cache.joined('agent:a1');
    answers[0]?.([]);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.(['said meanwhile']);
    await vi.waitFor(() => expect(log.getCurrentResult().data).toEqual(['said meanwhile']));
    expect(answers).toHaveLength(2);
    end();
  });

  it('trusts nothing any more when everything is stale', () => {
    const { cache, queries } = makeCache([makeTask()], {});
    queries.setQueryData(keys.agents, []);
    cache.everythingIsStale();
    expect(queries.getQueryState(keys.tasks.list(null))?.isInvalidated).toBe(true);
    expect(queries.getQueryState(keys.agents)?.isInvalidated).toBe(true);
  });
});
