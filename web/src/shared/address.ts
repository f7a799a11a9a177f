import { TASK_PRIORITIES } from './api/states';
import type { TaskPriority } from './api/types';

/** What the address keeps beside the path: whose tasks, which one is open, which part of it, which words to look for. */
export interface Address {
  project?: string;
  task?: string;
  tab?: TaskTab;
  q?: string;
  /** Which cards of the board are shown. */
  priority?: TaskPriority;
  agent?: string;
  waiting?: 'person' | 'reason';
  /** Lanes of the board. */
  lanes?: 'project' | 'agent';
  /** Tasks ticked on the ship page, by key. */
  pick?: string;
}

export const TASK_TABS = ['overview', 'changes', 'log', 'preview', 'attempts'] as const;
export type TaskTab = (typeof TASK_TABS)[number];

/** Reads an address that may have been typed by hand: what makes no sense is left out. */
export function readAddress(search: Record<string, unknown>): Address {
  const { project, task, tab, q, priority, agent, waiting, lanes, pick } = search;
  const knownPriority = TASK_PRIORITIES.find((each) => each === priority);
  const knownTab = TASK_TABS.find((each) => each === tab);
  return {
    ...(isShort(project) && { project: project.toUpperCase() }),
    ...(isShort(task) && { task: task.toUpperCase() }),
    ...(knownTab && { tab: knownTab }),
    ...(isShort(q) && { q }),
    ...(knownPriority && { priority: knownPriority }),
    ...(isShort(agent) && { agent }),
    ...((waiting === 'person' || waiting === 'reason') && { waiting }),
    ...((lanes === 'project' || lanes === 'agent') && { lanes }),
    ...(isShort(pick) && { pick: pick.toUpperCase() }),
  };
}

export const ADDRESS = [
  'project',
  'task',
  'tab',
  'q',
  'priority',
  'agent',
  'waiting',
  'lanes',
  'pick',
] as const satisfies readonly (keyof Address)[];

// Any origin will do: an address of this page stays on it.
const HERE = 'http://here.invalid';

/** Where a person goes once signed in: only to an address of this page, never to one that leads away. */
export function readSignIn(search: Record<string, unknown>): { code?: string; next?: string } {
  const { code, next } = search;
  return { ...(typeof code === 'string' && { code }), ...(isOfThisPage(next) && { next }) };
}

/**
 * A reader for the router, which lays what is read over what was typed: what the reader leaves out is taken out, too.
 */
export function strictly<Read extends object>(
  keys: readonly (keyof Read)[],
  read: (search: Record<string, unknown>) => Read,
): (search: Record<string, unknown>) => Read {
  const nothing = Object.fromEntries(keys.map((key) => [key, undefined]));
  return (search) => ({ ...nothing, ...read(search) });
}

function isOfThisPage(next: unknown): next is string {
  return (
    typeof next === 'string' &&
    next.startsWith('/') &&
    URL.canParse(next, HERE) &&
    new URL(next, HERE).origin === HERE
  );
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 100;
}
