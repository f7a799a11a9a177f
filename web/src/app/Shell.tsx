import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchTask } from '@/features/tasks/queries';
import { useAddress } from '@/pages/navigation';
import { LiveProvider } from '@/shared/live/LiveProvider';
import { Rail } from './Rail';
import { TopBar } from './TopBar';

const TaskPanel = lazy(async () => ({ default: (await import('@/pages/TaskPanel')).TaskPanel }));

/** The frame around every page: rail, top bar, and the open task beside it. */
export function Shell() {
  const { t } = useTranslation();
  const { task, tab } = useAddress();
  return (
    <LiveProvider fetchTask={fetchTask}>
      <a
        href="#page"
        className="absolute -top-20 left-2 z-50 rounded-control bg-accent px-3 py-2 text-list text-on-accent focus:top-2"
      >
        {t('nav.skip')}
      </a>
      <div className="flex h-full flex-col-reverse desk:flex-row">
        <Rail />
        <div className="flex min-h-0 min-w-0 grow flex-col">
          <TopBar />
          <Outlet />
        </div>
      </div>
      <Suspense>{task && <TaskPanel key={task} taskKey={task} tab={tab ?? 'overview'} />}</Suspense>
    </LiveProvider>
  );
}
