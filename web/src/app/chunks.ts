/** Parts of the page that are loaded when they are first needed, or when there is nothing else to do. */
export const chunks = {
  board: () => import('@/pages/BoardPage'),
  task: () => import('@/pages/TaskPanel'),
  inbox: () => import('@/pages/InboxPage'),
  ship: () => import('@/pages/ShipPage'),
  agents: () => import('@/pages/AgentsPage'),
  agent: () => import('@/pages/AgentPage'),
  automation: () => import('@/pages/automation/AutomationPage'),
  modules: () => import('@/pages/automation/ModulesPart'),
  module: () => import('@/pages/automation/ModulePart'),
  robots: () => import('@/pages/automation/RobotsPart'),
  batches: () => import('@/pages/automation/BatchesPart'),
  batch: () => import('@/pages/automation/BatchPart'),
  schedules: () => import('@/pages/automation/SchedulesPart'),
  robot: () => import('@/pages/automation/RobotPart'),
  reports: () => import('@/pages/ReportsPage'),
  settings: () => import('@/pages/settings/SettingsPage'),
  settingsProjects: () => import('@/pages/settings/ProjectsPart'),
  settingsKeys: () => import('@/pages/settings/KeysPart'),
  settingsAppearance: () => import('@/pages/settings/AppearancePart'),
  settingsAbout: () => import('@/pages/settings/AboutPart'),
  pullRequest: () => import('@/pages/PullRequestPage'),
  signIn: () => import('@/pages/SignInPage'),
};

/** Fetches all parts while nobody waits, so that a click works at once, and also while the server is away. */
export function fetchChunksWhenIdle(): void {
  const fetchAll = () => {
    for (const load of Object.values(chunks)) load().catch(() => undefined);
  };
  // Safari has no idle callback.
  if ('requestIdleCallback' in window) requestIdleCallback(fetchAll, { timeout: 5_000 });
  else setTimeout(fetchAll, 2_000);
}
