import { fetchWords } from '@/shared/i18n';

/** Everything but the frame and the board is loaded together with its words. */
const withWords =
  <Part>(load: () => Promise<Part>) =>
  async () =>
    (await Promise.all([load(), fetchWords()]))[0];

/** Parts of the page that are loaded when they are first needed, or when there is nothing else to do. */
export const chunks = {
  board: () => import('@/pages/BoardPage'),
  task: withWords(() => import('@/pages/TaskPanel')),
  inbox: withWords(() => import('@/pages/InboxPage')),
  ship: withWords(() => import('@/pages/ShipPage')),
  agents: withWords(() => import('@/pages/AgentsPage')),
  agent: withWords(() => import('@/pages/AgentPage')),
  automation: withWords(() => import('@/pages/automation/AutomationPage')),
  modules: withWords(() => import('@/pages/automation/ModulesPart')),
  module: withWords(() => import('@/pages/automation/ModulePart')),
  robots: withWords(() => import('@/pages/automation/RobotsPart')),
  batches: withWords(() => import('@/pages/automation/BatchesPart')),
  batch: withWords(() => import('@/pages/automation/BatchPart')),
  schedules: withWords(() => import('@/pages/automation/SchedulesPart')),
  robot: withWords(() => import('@/pages/automation/RobotPart')),
  reports: withWords(() => import('@/pages/ReportsPage')),
  settings: withWords(() => import('@/pages/settings/SettingsPage')),
  settingsProjects: withWords(() => import('@/pages/settings/ProjectsPart')),
  settingsKeys: withWords(() => import('@/pages/settings/KeysPart')),
  settingsAppearance: withWords(() => import('@/pages/settings/AppearancePart')),
  settingsAbout: withWords(() => import('@/pages/settings/AboutPart')),
  pullRequest: withWords(() => import('@/pages/PullRequestPage')),
  signIn: withWords(() => import('@/pages/SignInPage')),
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
