import type { QueryKey } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import type { Task } from '@/shared/api/types';
import { isTaskState } from '@/shared/api/states';
import { count, type LiveEvent, text } from './events';
import { type RobotChange, robotChange } from './robots';

/** What a handful of events means for what the page remembers. */
export interface Effects {
  /** Known at once, by task id; the task is read anew all the same if it is in `tasks`. */
  patches: Map<string, Partial<Task>>;
  /** Tasks to read anew, by id. */
  tasks: Set<string>;
  /** What robots became, in the order of the events. */
  robots: RobotChange[];
  /** Names of what to read anew. */
  stale: QueryKey[];
}

/** Merges events into the least work that brings the page up to date. */
export function effectsOf(events: readonly LiveEvent[]): Effects {
  const effects: Effects = {
    patches: new Map(),
    tasks: new Set(),
    robots: [],
    stale: [],
  };
  const stale = new Map<string, QueryKey>();
  for (const event of events) {
    for (const id of taskIds(event)) effects.tasks.add(id);
    const patch = patchOf(event);
    const id = text(event, 'taskId');
    const robot = event.kind === 'robot:status' ? robotChange(event) : null;
    if (robot) effects.robots.push(robot);
    if (patch && id) effects.patches.set(id, { ...effects.patches.get(id), ...patch });
    for (const key of staleKeys(event)) stale.set(JSON.stringify(key), key);
  }
  effects.stale = [...stale.values()];
  return effects;
}

const PROGRESS = new Set(['execution:progress', 'task:progress']);

function taskIds(event: LiveEvent): string[] {
  if (PROGRESS.has(event.kind) || event.kind.endsWith(':log')) return [];
  const one = text(event, 'taskId');
  const several = event.data['taskIds'];
  const many = Array.isArray(several) ? several.filter((id) => typeof id === 'string') : [];
  return one ? [one, ...many] : many;
}

function patchOf(event: LiveEvent): Partial<Task> | null {
  if (event.kind === 'task:status_changed') {
    const state = text(event, 'newState');
    return isTaskState(state) ? { state } : null;
  }
  if (PROGRESS.has(event.kind)) {
    const progress = count(event, 'progress') ?? count(event, 'progressPercentage');
    const currentStep = text(event, 'currentStep') ?? text(event, 'step');
    return {
      ...(progress === undefined ? {} : { progress }),
      ...(currentStep === undefined ? {} : { currentStep }),
    };
  }
  return null;
}

const SHIPPED = new Set<string | undefined>(['approved', 'staging', 'production']);

function staleKeys(event: LiveEvent): QueryKey[] {
  const [noun = '', what = ''] = event.kind.split(':');
  switch (noun) {
    case 'task':
      return taskKeys(event, what);
    case 'question':
      return [keys.questions];
    case 'agent':
      return what === 'log' ? logKeys(event) : [keys.agents];
    case 'project':
      return [keys.projects.all];
    case 'group':
    case 'deploy':
      return [keys.groups.all, keys.projects.allEnvironments];
    case 'execution':
      if (what === 'log') return [keys.groups.log(text(event, 'robotId') ?? '')];
      // Only heard in the rooms of a release's robot or a task; a task's progress is patched in place.
      if (what !== 'progress' || text(event, 'taskId')) return [];
      return [keys.groups.all, keys.robots.one(text(event, 'robotId') ?? '')];
    case 'robot':
      if (what === 'at_risk') return [keys.robots.late, keys.robots.one(text(event, 'robotId') ?? '')];
      if (what === 'reviewed') return [keys.reviews.all];
      return robotKeys(event);
    case 'batch':
      // Very many robots that are made together are told of in one event.
      return [keys.batches.all, keys.robots.lists, keys.robots.allCounts, keys.modules.all];
    case 'module':
      return [keys.modules.all, keys.unwellModules, keys.moduleHistories(text(event, 'moduleName') ?? '')];
    default:
      return [];
  }
}

/** Names of what is told in a room only, such as `agent:ID`. */
export function keysOfRoom(room: string): QueryKey[] {
  const [noun, id = ''] = room.split(':');
  if (noun === 'agent') return [keys.agentLog(id)];
  if (noun === 'task') return [keys.tasks.part(id, 'logs')];
  return noun === 'robot' ? [keys.robots.one(id), keys.groups.log(id), keys.groups.output(id)] : [];
}

function robotKeys(event: LiveEvent): QueryKey[] {
  const batch = text(event, 'correlationId');
  // A result that is held for a person pauses its try.
  const held = text(event, 'executionState') === 'PAUSED';
  const counted = text(event, 'status') === 'COMPLETED' && text(event, 'robotType')?.startsWith('report.');
  return [
    keys.modules.all,
    keys.robots.allCounts,
    ...(batch ? [keys.batches.list, keys.batches.one(batch)] : []),
    ...(held ? [keys.reviews.all] : []),
    ...(counted ? [keys.reports.all] : []),
  ];
}

function logKeys(event: LiveEvent): QueryKey[] {
  const [agentId, taskId] = [text(event, 'agentId'), text(event, 'taskId')];
  return [...(agentId ? [keys.agentLog(agentId)] : []), ...(taskId ? [keys.tasks.part(taskId, 'logs')] : [])];
}

function taskKeys(event: LiveEvent, what: string): QueryKey[] {
  if (what === 'needs_input' || what === 'updated') return [keys.questions];
  if (what !== 'status_changed') return [];
  const [from, to] = [text(event, 'oldState'), text(event, 'newState')];
  const asked = from === 'needs_input' || to === 'needs_input' || to === 'cancelled';
  const shipped = SHIPPED.has(from) || SHIPPED.has(to);
  return [...(asked ? [keys.questions] : []), ...(shipped ? [keys.groups.all] : [])];
}
