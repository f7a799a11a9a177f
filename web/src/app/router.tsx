import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';

import { CHOSEN, readReports } from '@/features/reports/kinds';
import { FILTERS, readFilters } from '@/features/robots/filters';
import { readRange } from '@/features/trends/ranges';
import { CrashPage } from '@/pages/CrashPage';
import { NotFoundPage } from '@/pages/NotFoundPage';
import { ADDRESS, type Address, readAddress, readSignIn, strictly } from '@/shared/address';
import { Problem } from '@/shared/api/problem';
import { meQuery } from '@/shared/session';
import { chunks } from './chunks';
import { Shell } from './Shell';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: strictly(['code', 'next'], readSignIn),
  component: lazyRouteComponent(chunks.signIn, 'SignInPage'),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  validateSearch: strictly<Address>(ADDRESS, readAddress),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query({ ...meQuery, staleTime: 'static' });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: '/sign-in', search: { next: location.href } });
      }
      throw error;
    }
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/board', replace: true });
  },
});

/** The short address of a task, to be sent to others. */
const task = createRoute({
  getParentRoute: () => signedIn,
  path: '/tasks/$task',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/board', search: { task: params.task.toUpperCase() }, replace: true });
  },
});

const board = createRoute({
  getParentRoute: () => signedIn,
  path: '/board',
  component: lazyRouteComponent(chunks.board, 'BoardPage'),
});

const inbox = createRoute({
  getParentRoute: () => signedIn,
  path: '/inbox',
  component: lazyRouteComponent(chunks.inbox, 'InboxPage'),
});

const agents = createRoute({
  getParentRoute: () => signedIn,
  path: '/agents',
  component: lazyRouteComponent(chunks.agents, 'AgentsPage'),
});

/** Where the local forge says that its pull requests are. */
const pullRequest = createRoute({
  getParentRoute: () => signedIn,
  path: '/projects/$project/pulls/$number',
  component: lazyRouteComponent(chunks.pullRequest, 'PullRequestPage'),
});

const ship = createRoute({
  getParentRoute: () => signedIn,
  path: '/ship',
  component: lazyRouteComponent(chunks.ship, 'ShipPage'),
});

const agent = createRoute({
  getParentRoute: () => signedIn,
  path: '/agents/$agent',
  component: lazyRouteComponent(chunks.agent, 'AgentPage'),
});

const automation = createRoute({
  getParentRoute: () => signedIn,
  path: '/automation',
  component: lazyRouteComponent(chunks.automation, 'AutomationPage'),
});

const automationHome = createRoute({
  getParentRoute: () => automation,
  path: '/',
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/automation/modules', search, replace: true });
  },
});

const modules = createRoute({
  getParentRoute: () => automation,
  path: '/modules',
  component: lazyRouteComponent(chunks.modules, 'ModulesPart'),
});

const module = createRoute({
  getParentRoute: () => automation,
  path: '/modules/$module',
  validateSearch: strictly(['range'], readRange),
  component: lazyRouteComponent(chunks.module, 'ModulePart'),
});

const robots = createRoute({
  getParentRoute: () => automation,
  path: '/robots',
  validateSearch: strictly(FILTERS, readFilters),
  component: lazyRouteComponent(chunks.robots, 'RobotsPart'),
});

const robot = createRoute({
  getParentRoute: () => automation,
  path: '/robots/$robot',
  component: lazyRouteComponent(chunks.robot, 'RobotPart'),
});

const batches = createRoute({
  getParentRoute: () => automation,
  path: '/batches',
  component: lazyRouteComponent(chunks.batches, 'BatchesPart'),
});

const batch = createRoute({
  getParentRoute: () => automation,
  path: '/batches/$batch',
  component: lazyRouteComponent(chunks.batch, 'BatchPart'),
});

const schedules = createRoute({
  getParentRoute: () => automation,
  path: '/schedules',
  component: lazyRouteComponent(chunks.schedules, 'SchedulesPart'),
});

const reports = createRoute({
  getParentRoute: () => signedIn,
  path: '/reports',
  validateSearch: strictly(CHOSEN, readReports),
  component: lazyRouteComponent(chunks.reports, 'ReportsPage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  component: lazyRouteComponent(chunks.settings, 'SettingsPage'),
});

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/settings/projects', search, replace: true });
  },
});

const settingsProjects = createRoute({
  getParentRoute: () => settings,
  path: '/projects',
  component: lazyRouteComponent(chunks.settingsProjects, 'ProjectsPart'),
});

const settingsKeys = createRoute({
  getParentRoute: () => settings,
  path: '/keys',
  component: lazyRouteComponent(chunks.settingsKeys, 'KeysPart'),
});

const settingsAppearance = createRoute({
  getParentRoute: () => settings,
  path: '/appearance',
  component: lazyRouteComponent(chunks.settingsAppearance, 'AppearancePart'),
});

const settingsAbout = createRoute({
  getParentRoute: () => settings,
  path: '/about',
  component: lazyRouteComponent(chunks.settingsAbout, 'AboutPart'),
});

const routes = root.addChildren([
  signIn,
  signedIn.addChildren([
    home,
    task,
    board,
    inbox,
    agents,
    pullRequest,
    ship,
    agent,
    automation.addChildren([automationHome, modules, module, robots, robot, batches, batch, schedules]),
    reports,
    settings.addChildren([settingsHome, settingsProjects, settingsKeys, settingsAppearance, settingsAbout]),
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { queries },
    defaultPreload: 'intent',
    defaultErrorComponent: CrashPage,
    defaultNotFoundComponent: NotFoundPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
