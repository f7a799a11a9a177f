import { describe, expect, it, vi } from 'vitest';
import { Refresher } from './refresh';

describe('Refresher', () => {
  it('runs once more after any number of requests during a run', async () => {
    const refresher = new Refresher();
    let runs = 0;
    let finish = () => undefined as unknown;
    const job = () => {
      runs += 1;
      return new Promise<void>((resolve) => (finish = resolve));
    };
    const done = refresher.run('a', job);
    void refresher.run('a', job);
    void refresher.run('a', job);
    expect(runs).toBe(1);
    finish();
    await Promise.resolve();
    expect(runs).toBe(2);
    finish();
    await done;
    expect(runs).toBe(2);
    expect(refresher.busy).toBe(0);
  });

  it('rests between runs where it is asked to, and then makes up for what came meanwhile', async () => {
    vi.useFakeTimers();
    const refresher = new Refresher();
    let runs = 0;
    const job = () => Promise.resolve((runs += 1));
    const done = refresher.run('a', job, 1_000);
    await vi.advanceTimersByTimeAsync(500);
    void refresher.run('a', job, 1_000);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    await done;
    expect(runs).toBe(2);
    vi.useRealTimers();
  });

  it('runs different names side by side', async () => {
    const refresher = new Refresher();
    const ran: string[] = [];
    await Promise.all(
      ['a', 'b'].map((name) =>
        refresher.run(name, () => {
          ran.push(name);
          return Promise.resolve();
        }),
      ),
    );
    expect(ran).toEqual(['a', 'b']);
  });

  it('can run again after a job has failed', async () => {
    const refresher = new Refresher();
    await expect(refresher.run('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    let ran = false;
    await refresher.run('a', () => {
      ran = true;
      return Promise.resolve();
    });
    expect(ran).toBe(true);
  });
});
