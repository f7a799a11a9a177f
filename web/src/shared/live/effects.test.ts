import { describe, expect, it } from 'vitest';
import { keys } from '@/shared/api/keys';
import { effectsOf } from './effects';
import type { LiveEvent } from './events';

function event(kind: string, data: Record<string, unknown>): LiveEvent {
  return { kind, data, feed: 'shop', number: 1 };
}

describe('effectsOf', () => {
  it('moves a card at once and reads the task anew', () => {
    const effects = effectsOf([
      event('task:status_changed', { taskId: 'a', oldState: 'backlog', newState: 'in_progress' }),
    ]);
    expect(effects.patches.get('a')).toEqual({ state: 'in_progress' });
    expect([...effects.tasks]).toEqual(['a']);
    expect(effects.stale).toEqual([]);
  });

  it('merges many events of a frame into one piece of work each', () => {
    const effects = effectsOf([
      event('task:status_changed', { taskId: 'a', oldState: 'in_progress', newState: 'needs_input' }),
      event('task:needs_input', { taskId: 'a', question: {} }),
      event('task:status_changed', { taskId: 'a', oldState: 'needs_input', newState: 'in_progress' }),
      event('agent:status', { agentId: 'x', status: 'busy' }),
      event('agent:status', { agentId: 'y', status: 'idle' }),
    ]);
    expect(effects.patches.get('a')).toEqual({ state: 'in_progress' });
    expect([...effects.tasks]).toEqual(['a']);
    expect(effects.stale).toEqual([keys.questions, keys.agents]);
  });

  it('shows progress without asking the server', () => {
    const effects = effectsOf([
      event('execution:progress', { taskId: 'a', progress: 40, currentStep: 'running tests' }),
    ]);
    expect(effects.patches.get('a')).toEqual({ progress: 40, currentStep: 'running tests' });
    expect(effects.tasks.size).toBe(0);
    expect(effects.stale).toEqual([]);
  });

  it('reads the robot and the releases anew when a step of one goes on', () => {
    const effects = effectsOf([event('execution:progress', { robotId: 'merge_1_1', executeId: 'x' })]);
    expect(effects).toEqual({
      patches: new Map(),
      tasks: new Set(),
      robots: [],
      stale: [keys.groups.all, keys.robots.one('merge_1_1')],
    });
  });

  it('reads what waits for a review anew when a try pauses', () => {
    const held = event('robot:status', { robotId: 'ocr_1_1', executionState: 'PAUSED' });
    expect(effectsOf([held]).stale).toContainEqual(keys.reviews.all);
  });

  it('reads it anew, too, when somebody else has judged', () => {
    const judged = effectsOf([event('robot:reviewed', { robotId: 'ocr_1_1' })]);
    expect([judged.stale, judged.robots]).toEqual([[keys.reviews.all], []]);
  });

  it('reads reports anew when one was counted', () => {
    const told = { robotId: 'report_1', robotType: 'report.errors', moduleName: 'control' };
    expect(effectsOf([event('robot:status', { ...told, status: 'COMPLETED' })]).stale).toContainEqual(
      keys.reports.all,
    );
    expect(effectsOf([event('robot:status', { ...told, status: 'PROCESSING' })]).stale).not.toContainEqual(
      keys.reports.all,
    );
  });

  it('reads what will be late anew when a robot is warned of', () => {
    const warned = event('robot:at_risk', { robotId: 'ocr_1_1' });
    expect(effectsOf([warned]).stale).toEqual([keys.robots.late, keys.robots.one('ocr_1_1')]);
  });

  it('tells what a robot became, and counts robots and modules anew', () => {
    const fields = { robotId: 'ocr_1_1', status: 'FAILED', robotType: 'ocr.read', moduleName: 'ocr' };
    const effects = effectsOf([event('robot:status', { ...fields, correlationId: 'scan-7' })]);
    expect(effects.robots).toEqual([{ ...fields, correlationId: 'scan-7' }]);
    expect(effects.stale).toEqual([
      keys.modules.all,
      keys.robots.allCounts,
      keys.batches.list,
      keys.batches.one('scan-7'),
    ]);
  });

  it('begins lists of robots anew when very many were made at once, and reads modules when one falls ill', () => {
    expect(effectsOf([event('batch:submitted', { correlationId: 'b' })]).stale).toContainEqual(
      keys.robots.lists,
    );
    expect(effectsOf([event('module:health', { moduleName: 'ocr' })]).stale).toEqual([
      keys.modules.all,
      keys.unwellModules,
      keys.moduleHistories('ocr'),
    ]);
  });

  it('reads releases, environments and tasks anew when something is rolled out', () => {
    const effects = effectsOf([
      event('deploy:completed', { environment: 'staging', taskIds: ['a', 'b', 7] }),
    ]);
    expect([...effects.tasks]).toEqual(['a', 'b']);
    expect(effects.stale).toEqual([keys.groups.all, keys.projects.allEnvironments]);
  });

  it('reads the log of a release anew when its robot tells something', () => {
    const told = event('execution:log', { robotId: 'deploy_1_1', message: 'start: Starting it.' });
    expect(effectsOf([told, told]).stale).toEqual([keys.groups.log('deploy_1_1')]);
  });

  it('lets a log line renew only the logs that it is in', () => {
    const effects = effectsOf([event('agent:log', { agentId: 'x', taskId: 'a', lines: [] })]);
    const logs = [keys.agentLog('x'), keys.tasks.part('a', 'logs')];
    expect(effects).toEqual({
      patches: new Map(),
      tasks: new Set(),
      robots: [],
      stale: logs,
    });
  });

  it('is not led astray by fields of the wrong type, unknown states and unknown kinds', () => {
    const effects = effectsOf([
      event('task:status_changed', { taskId: 7, newState: 'in_progress' }),
      event('task:status_changed', { taskId: 'a', newState: 'flying' }),
      event('execution:progress', { taskId: 'b', progress: 'much' }),
      event('weather:changed', {}),
      event('', {}),
    ]);
    expect(effects.patches).toEqual(new Map([['b', {}]]));
    expect([...effects.tasks]).toEqual(['a']);
  });
});
