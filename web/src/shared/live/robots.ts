import type { QueryClient } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import type { Module, Robot, RobotStatus } from '@/shared/api/types';
import { type LiveEvent, text } from './events';

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Which robots a list holds; `named`: by id, batch or reference; `late`: those that will probably miss their date;
 * `system`: what the system does for itself and for its tasks, too.
 */
export interface RobotFilters {
  status?: RobotStatus;
  type?: string;
  module?: string;
  batch?: string;
  named?: string;
  late?: true;
  system?: true;
}

/** Whether the system's own robots are shown: if it was asked for them, or for something by its name. */
export function showsSystem({ system, type, module, batch, named }: RobotFilters): boolean {
  return system === true || [type, module, batch, named].some(Boolean);
}

/** What an event says of a robot. */
export interface RobotChange {
  robotId: string;
  status: RobotStatus;
  robotType: string;
  moduleName: string;
  correlationId: string | null;
}

/**
 * Robots, newest first, as far as somebody has scrolled. Rows never move by themselves: what changes is changed in its
 * place, what is new waits in `fresh` until it is let in.
 */
export interface RobotList {
  rows: readonly Robot[];
  /** Where it goes on; null at its end. */
  next: string | null;
  /** Robots that belong here and are not shown yet, by id. */
  fresh: ReadonlySet<string>;
  /** Rows that have changed in more than an event tells; they are read again when they come into sight. */
  outdated: ReadonlySet<string>;
}

interface Page {
  data: Robot[];
  nextCursor?: string | null;
}

/** What a `robot:status` event says; null if it makes no sense. */
export function robotChange(event: LiveEvent): RobotChange | null {
  const [robotId, status] = [text(event, 'robotId'), text(event, 'status')];
  const [robotType, moduleName] = [text(event, 'robotType'), text(event, 'moduleName')];
  if (!robotId || !status || !robotType || !moduleName) return null;
  const correlationId = text(event, 'correlationId') ?? null;
  return { robotId, status: status as RobotStatus, robotType, moduleName, correlationId };
}

/** Writes changes into every list that is kept. */
export function changeRobots(queries: QueryClient, changes: readonly RobotChange[]): void {
  const modules = queries.getQueryData<Module[]>(keys.modules.list) ?? [];
  const system = new Set(modules.flatMap(({ internal, moduleName }) => (internal ? [moduleName] : [])));
  for (const [key, list] of queries.getQueriesData<RobotList>({ queryKey: keys.robots.lists })) {
    if (list) queries.setQueryData(key, withChanges(list, key[1] as RobotFilters, changes, system));
  }
}

export function withChanges(
  list: RobotList,
  filters: RobotFilters,
  changes: readonly RobotChange[],
  /** The names of the system's own modules. */
  system: ReadonlySet<string> = NOBODY,
): RobotList {
  const latest = new Map(changes.map((change) => [change.robotId, change]));
  const [fresh, outdated] = [new Set(list.fresh), new Set(list.outdated)];
  const all = latest.size;
  const rows = list.rows.map((row) => {
    const change = latest.get(row.robotId);
    if (!change) return row;
    latest.delete(row.robotId);
    outdated.add(row.robotId);
    return { ...row, status: change.status, moduleName: change.moduleName };
  });
  const touched = latest.size < all;
  for (const [robotId, change] of latest) {
    if (belongs(change, filters) && (showsSystem(filters) || !system.has(change.moduleName)))
      fresh.add(robotId);
  }
  return touched || fresh.size > list.fresh.size ? { ...list, rows, fresh, outdated } : list;
}

function belongs(change: RobotChange, { status, type, module, batch, named, late }: RobotFilters): boolean {
  return (
    // No event tells whether it is late: such a list is read anew now and then.
    !late &&
    (!status || status === change.status) &&
    (!type || type === change.robotType) &&
    (!module || module === change.moduleName) &&
    (!batch || batch === change.correlationId) &&
    (!named || named === change.robotId || named === change.correlationId)
  );
}

/** The first page was read again: its rows are right, other rows may be outdated, and unknown robots are new. */
export function refreshed(old: RobotList | undefined, page: Page): RobotList {
  if (!old || old.rows.length === 0) return firstOf(page);
  const read = new Map(page.data.map((robot) => [robot.robotId, robot]));
  const known = new Set(old.rows.map(({ robotId }) => robotId));
  return {
    ...old,
    rows: old.rows.map((row) => read.get(row.robotId) ?? row),
    fresh: new Set([...old.fresh, ...[...read.keys()].filter((id) => !known.has(id))]),
    outdated: new Set([...known].filter((id) => !read.has(id))),
  };
}

/** Lets in what is new. Where the first page does not reach down to what is shown, the list begins anew with it. */
export function letIn(old: RobotList, page: Page): RobotList {
  const known = new Map(old.rows.map((row) => [row.robotId, row]));
  const oldest = page.data.at(-1);
  const reaches = !page.nextCursor || !old.rows[0] || (oldest && newestFirst(oldest, old.rows[0]) >= 0);
  if (!reaches) return firstOf(page);
  const read = new Set(page.data.map(({ robotId }) => robotId));
  const rest = old.rows.filter(({ robotId }) => !read.has(robotId));
  const outdated = new Set([...old.outdated].filter((id) => known.has(id) && !read.has(id)));
  return { ...old, rows: [...page.data, ...rest].sort(newestFirst), fresh: new Set(), outdated };
}

/** The next page, at the end. */
export function withMore(old: RobotList, page: Page): RobotList {
  const known = new Set(old.rows.map(({ robotId }) => robotId));
  const more = page.data.filter(({ robotId }) => !known.has(robotId));
  const fresh = new Set([...old.fresh].filter((id) => !more.some(({ robotId }) => robotId === id)));
  return { ...old, rows: [...old.rows, ...more], fresh, next: page.nextCursor ?? null };
}

/** Some rows were asked for anew: until the answer comes, nobody has to ask again. */
export function asked(old: RobotList, ids: readonly string[]): RobotList {
  const outdated = new Set(old.outdated);
  for (const id of ids) outdated.delete(id);
  return { ...old, outdated };
}

/** Rows as they were just read, in their places. */
export function withRows(old: RobotList, robots: readonly Robot[]): RobotList {
  const read = new Map(robots.map((robot) => [robot.robotId, robot]));
  return {
    ...old,
    rows: old.rows.map((row) => {
      const now = read.get(row.robotId);
      return now && now.updatedAt >= row.updatedAt ? now : row;
    }),
  };
}

function firstOf(page: Page): RobotList {
  return { rows: page.data, next: page.nextCursor ?? null, fresh: new Set(), outdated: new Set() };
}

/** The server's order. */
function newestFirst(a: Robot, b: Robot): number {
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt ? -1 : 1;
  return a.robotId === b.robotId ? 0 : a.robotId > b.robotId ? -1 : 1;
}
