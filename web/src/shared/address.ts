/** What the address keeps beside the path: whose tasks, which one is open, which part of it, which words to look for. */
export interface Address {
  project?: string;
  task?: string;
  tab?: TaskTab;
  q?: string;
  /** Tasks ticked on the ship page, by key. */
  pick?: string;
}

export const TASK_TABS = ['overview', 'changes', 'attempts'] as const;
export type TaskTab = (typeof TASK_TABS)[number];

/** Reads an address that may have been typed by hand: what makes no sense is left out. */
export function readAddress(search: Record<string, unknown>): Address {
  const { project, task, tab, q, pick } = search;
  const knownTab = TASK_TABS.find((each) => each === tab);
  return {
    ...(isShort(project) && { project: project.toUpperCase() }),
    ...(isShort(task) && { task: task.toUpperCase() }),
    ...(knownTab && { tab: knownTab }),
    ...(isShort(q) && { q }),
    ...(isShort(pick) && { pick: pick.toUpperCase() }),
  };
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 100;
}
