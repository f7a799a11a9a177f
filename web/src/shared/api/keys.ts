type TaskPart = 'timeline' | 'attempts' | 'diff' | 'logs' | 'preview-log' | 'preview-output';

/**
 * Names of everything the page keeps from the server. Features fill them, the live layer refreshes them; a shorter name
 * covers all longer ones that begin with it.
 */
export const keys = {
  me: ['me'],
  projects: {
    all: ['projects'],
    list: ['projects', 'list'],
    environments: (project: string) => ['projects', 'environments', project],
    allEnvironments: ['projects', 'environments'],
    metrics: (project: string) => ['projects', 'metrics', project],
  },
  tasks: {
    all: ['tasks'],
    lists: ['tasks', 'list'],
    list: (project: string | null) => ['tasks', 'list', project],
    ones: ['tasks', 'one'],
    one: (task: string) => ['tasks', 'one', task.toUpperCase()],
    parts: (taskId: string) => ['tasks', 'part', taskId],
    part: (taskId: string, part: TaskPart) => ['tasks', 'part', taskId, part],
  },
  questions: ['questions'],
  agents: ['agents'],
  agentLogs: ['agent-logs'],
  agentLog: (agentId: string) => ['agent-logs', agentId],
  modules: {
    all: ['modules'],
    list: ['modules', 'list'],
    one: (name: string) => ['modules', 'one', name],
    routes: ['modules', 'routes'],
  },
  // Not below `modules`: every page reads these, and only the modules' health matters to them.
  unwellModules: ['unwell-modules'],
  // Not below `modules`: a robot that ends does not change the history of the last day.
  moduleHistory: (name: string, hours = 24) => ['module-history', name, hours],
  moduleHistories: (name: string) => ['module-history', name],
  reviews: {
    all: ['reviews'],
    waiting: ['reviews', 'waiting'],
    one: (robotId: string) => ['reviews', 'one', robotId],
  },
  schedules: {
    all: ['schedules'],
    list: ['schedules', 'list'],
    runs: (name: string) => ['schedules', 'runs', name],
    times: (cron: string, timezone: string) => ['schedule-times', cron, timezone],
  },
  reports: {
    all: ['reports'],
    stored: ['reports', 'stored'],
    one: (kind: string, period: string | null, system: boolean) => ['reports', 'one', kind, period, system],
  },
  robots: {
    all: ['robots'],
    one: (robotId: string) => ['robots', 'one', robotId],
    executions: (robotId: string) => ['robots', 'one', robotId, 'executions'],
    // Not below the single robots: lists are changed in place, and read from the start only as the last resort.
    lists: ['robot-lists'],
    list: (filters: object) => ['robot-lists', filters],
    allCounts: ['robot-counts'],
    counts: (filters: object) => ['robot-counts', filters],
    late: ['late-robots'],
    types: ['robot-types'],
  },
  batches: {
    all: ['batches'],
    list: ['batches', 'list'],
    one: (batch: string) => ['batches', 'one', batch],
    failed: (batch: string) => ['batches', 'one', batch, 'failed'],
  },
  // Samples by the minute: no event tells of them.
  trends: {
    points: (module: string, hours: number) => ['trends', module, hours],
    paces: (module: string, hours: number) => ['trends', module, hours, 'paces'],
  },
  accessKeys: ['access-keys'],
  health: ['health'],
  groups: {
    all: ['groups'],
    list: (project: string) => ['groups', 'list', project],
    log: (robotId: string) => ['groups', 'log', robotId],
    output: (robotId: string) => ['group-output', robotId],
  },
} as const;
