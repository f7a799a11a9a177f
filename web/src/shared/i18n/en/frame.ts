export const nav = {
  label: 'Main',
  board: 'Board',
  inbox: 'Inbox',
  agents: 'Agents',
  ship: 'Ship',
  automation: 'Automation',
  reports: 'Reports',
  settings: 'Settings',
  more: 'More',
  skip: 'Skip to the page',
} as const;

export const top = {
  project: 'Project',
  allProjects: 'All projects',
  newProject: 'New project…',
  search: 'Search tasks',
  account: 'Account and settings',
  waiting_one: '{{count}} waits for you',
  waiting_other: '{{count}} wait for you',
  theme: 'Theme',
  themeSystem: 'As the system',
  themeLight: 'Light',
  themeDark: 'Dark',
  toLight: 'Show it light',
  toDark: 'Show it dark',
  language: 'Language',
  signOut: 'Sign out',
} as const;

export const live = {
  connecting: 'connecting',
  live: 'live',
  lost: 'reconnecting, shown as of {{time}}',
  lostShort: 'as of {{time}}',
} as const;

export const state = {
  backlog: 'Backlog',
  in_progress: 'In progress',
  needs_input: 'Needs input',
  ready_to_test: 'Ready to test',
  approved: 'Approved',
  staging: 'Staging',
  production: 'Production',
  cancelled: 'Cancelled',
  shipped: 'Shipped',
} as const;

export const priority = {
  label: 'Priority',
  urgent: 'Urgent',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
} as const;

export const common = {
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  retry: 'Try again',
  copy: 'Copy',
  copied: 'Copied',
  loading: 'Loading',
  optional: 'optional',
  undo: 'Undo',
  never: 'never',
} as const;

export const palette = {
  title: 'Go to or do',
  hint: 'A task’s key or title, a page, a project…',
  nothing: 'Nothing is called that.',
  page: 'page',
  action: 'action',
  project: 'project',
  task: 'task',
} as const;

export const keys = {
  title: 'Keys',
  palette: 'Go to or do anything',
  search: 'Search tasks',
  newTask: 'New task',
  move: 'Down and up in a list',
  sideways: 'To the column at the left or right',
  open: 'Open',
  close: 'Close',
  select: 'Select the card',
  menu: 'Move the card',
  board: 'Go to the board',
  inbox: 'Go to the inbox',
  agents: 'Go to the agents',
  ship: 'Go to Ship',
  send: 'Send what you have written',
  help: 'These keys',
} as const;

export const signIn = {
  title: 'Sign in',
  byLink: 'Signing you in…',
  linkFailed: 'This link does not work any more.',
  linkFailedText:
    'A sign-in link works once. On the server’s machine, “aiworker key create --name me --scope admin” makes a key to paste here.',
  key: 'API key',
  keyHint: 'Open the link that “aiworker up” printed, or paste a key.',
  submit: 'Sign in',
} as const;

export const problem = {
  title: 'That did not work',
  load: 'This could not be loaded',
  unreachable: 'The server does not answer. Nothing is lost; try again in a moment.',
  denied: 'Your key may not do this.',
  permission_missing: 'Your key may not do this. Ask somebody with a higher scope.',
  unauthenticated: 'You are signed out. Sign in again.',
  limited: 'Too much at once. Wait a moment and try again.',
  too_large: 'That is more text than can be taken.',
  unexpected_answer: 'The server answered in a way that this page does not understand.',
  crashed: 'This page has stumbled.',
  crashedText: 'Your data is safe on the server. Loading the page again usually helps.',
  reload: 'Load again',
  notFound: 'There is nothing at this address.',
  noProject: 'There is no project {{project}}.',
  toBoard: 'To the board',
} as const;
