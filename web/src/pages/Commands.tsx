import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  Bot,
  ChartNoAxesColumn,
  FolderGit2,
  Inbox,
  Keyboard,
  Plus,
  Rocket,
  Settings,
  SquareKanban,
  Workflow,
} from 'lucide-react';
import { memo, useEffect, useMemo, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { PaletteEntry } from '@/features/palette/find';
import { KeyHelp } from '@/features/palette/KeyHelp';
import { Palette } from '@/features/palette/Palette';
import { projectsQuery } from '@/features/projects/queries';
import { tasksQuery } from '@/features/tasks/queries';
import { useMay } from '@/shared/session';
import { STATE_LOOKS } from '@/shared/ui/states';
import { useKeys } from '@/shared/ui/useKeys';
import { AddTaskDialog } from './AddTaskDialog';
import { useOpenTask, useProject } from './navigation';

const PAGES = [
  { name: 'board', to: '/board', keys: 'G B', icon: SquareKanban },
  { name: 'inbox', to: '/inbox', keys: 'G I', icon: Inbox },
  { name: 'agents', to: '/agents', keys: 'G A', icon: Bot },
  { name: 'ship', to: '/ship', keys: 'G S', icon: Rocket },
] as const;

/** Those without a key of their own. */
const MORE_PAGES = [
  { name: 'automation', to: '/automation', icon: Workflow },
  { name: 'reports', to: '/reports', icon: ChartNoAxesColumn },
  { name: 'settings', to: '/settings', icon: Settings },
] as const;

/** The keys that work everywhere, and what they bring up: the palette, a new task, the list of keys. */
export const Commands = memo(function Commands() {
  const { t } = useTranslation();
  const project = useProject();
  const navigate = useNavigate();
  const showTask = useOpenTask();
  const may = useMay();
  const [shown, setShown] = useState<'palette' | 'help' | 'add' | null>(null);
  const writes = may('tasks');

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      setShown((now) => (now === 'palette' ? null : 'palette'));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const keys = useMemo(() => {
    const search = project ? { project } : {};
    return {
      '?': () => setShown('help'),
      '/': () => focusSearch(() => setShown('palette')),
      j: focusFirst,
      k: focusFirst,
      ...(writes && { c: () => setShown('add') }),
      ...Object.fromEntries(
        PAGES.map(({ keys: name, to }) => [name.toLowerCase(), () => void navigate({ to, search })]),
      ),
    };
  }, [project, navigate, writes]);
  useKeys(keys);

  const queries = useQueryClient();
  const entries = useMemo((): PaletteEntry[] => {
    if (shown !== 'palette') return [];
    const search = project ? { project } : {};
    const tasks = queries.getQueryData(tasksQuery(project).queryKey)?.items ?? [];
    const projects = queries.getQueryData(projectsQuery.queryKey) ?? [];
    return [
      ...PAGES.map(({ name, to, keys: shortcut, icon: Icon }) => ({
        id: `page-${name}`,
        group: 'page' as const,
        text: t(`nav.${name}`),
        icon: <Icon className="size-4" />,
        keys: shortcut,
        run: () => void navigate({ to, search }),
      })),
      ...(writes
        ? [
            {
              id: 'new-task',
              group: 'action' as const,
              text: t('board.newTask'),
              icon: <Plus className="size-4" />,
              keys: 'C',
              run: () => setShown('add'),
            },
          ]
        : []),
      ...MORE_PAGES.map(({ name, to, icon: Icon }) => ({
        id: `page-${name}`,
        group: 'page' as const,
        text: t(`nav.${name}`),
        icon: <Icon className="size-4" />,
        run: () => void navigate({ to, search }),
      })),
      {
        id: 'keys',
        group: 'action',
        text: t('keys.title'),
        icon: <Keyboard className="size-4" />,
        keys: '?',
        run: () => setShown('help'),
      },
      ...projects.map(({ key, name }) => ({
        id: `project-${key}`,
        group: 'project' as const,
        key,
        text: name,
        icon: <FolderGit2 className="size-4" />,
        run: () => void navigate({ to: '/board', search: { project: key } }),
      })),
      ...tasks.map((task) => {
        const { icon: Icon, color } = STATE_LOOKS[task.state];
        return {
          id: `task-${task.key}`,
          group: 'task' as const,
          key: task.key,
          text: task.title,
          icon: <Icon className={`size-4 ${color}`} />,
          run: () => showTask(task.key),
        };
      }),
    ];
  }, [shown, project, queries, t, navigate, showTask, writes]);

  const close = () => setShown(null);
  return (
    <>
      <Palette open={shown === 'palette'} entries={entries} onClose={close} />
      <KeyHelp open={shown === 'help'} onClose={close} />
      <AddTaskDialog open={shown === 'add'} project={project} onClose={close} />
    </>
  );
});

/** The search of the frame; where there is none, as on a phone, something else. */
function focusSearch(otherwise: () => void): void {
  const search = document.querySelector<HTMLInputElement>('header input[type=search]');
  if (search?.offsetParent) search.focus();
  else otherwise();
}

/** Into the list of the page; from there on the list itself moves. */
function focusFirst(): void {
  document.querySelector<HTMLElement>('main [data-focus]')?.focus();
}
