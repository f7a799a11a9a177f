import { CatchBoundary, Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { fetchTasks } from '@/features/tasks/queries';
import { CrashNote } from '@/pages/CrashPage';
import { Commands } from '@/pages/Commands';
import { useOpened, useProject } from '@/pages/navigation';
import { useInbox } from '@/pages/useInbox';
import { useInboxNews } from '@/pages/useInboxNews';
import { LiveProvider } from '@/shared/live/LiveProvider';
import { Waiting } from '@/shared/ui/waiting';
import { chunks, fetchChunksWhenIdle } from './chunks';
import { Rail } from './Rail';
import { TopBar } from './TopBar';

const TaskPanel = lazy(async () => ({ default: (await chunks.task()).TaskPanel }));

/** The frame around every page: rail, top bar, and the open task beside it. */
export function Shell() {
  const { t } = useTranslation();
  const { task, tab } = useOpened();
  const project = useProject();
  const inbox = useInbox(project);
  useInboxNews(inbox.items, inbox.ready);
  useEffect(fetchChunksWhenIdle, []);
  return (
    <LiveProvider fetchTasks={fetchTasks}>
      <a
        href="#page"
        className="absolute -top-20 left-2 z-50 rounded-control bg-accent px-3 py-2 text-list text-on-accent focus:top-2"
      >
        {t('nav.skip')}
      </a>
      <div className="flex h-full flex-col-reverse desk:flex-row">
        <Rail waiting={inbox.count} />
        <div className="flex min-h-0 min-w-0 grow flex-col">
          <TopBar waiting={inbox.count} />
          <Waiting value={inbox.count}>
            <Outlet />
          </Waiting>
        </div>
      </div>
      {task && (
        <CatchBoundary getResetKey={() => task} errorComponent={CrashedPanel}>
          <Suspense>
            <TaskPanel key={task} taskKey={task} tab={tab} />
          </Suspense>
        </CatchBoundary>
      )}
      <Commands />
    </LiveProvider>
  );
}

function CrashedPanel() {
  return (
    <aside className="fixed inset-x-0 top-12 bottom-0 z-20 bg-surface desk:left-auto desk:w-[min(760px,calc(100vw-88px))] desk:border-l desk:border-line">
      <CrashNote />
    </aside>
  );
}
