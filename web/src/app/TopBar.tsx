import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { memo, useCallback, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { NewProjectDialog } from '@/pages/NewProjectDialog';
import { useAddress } from '@/pages/navigation';
import { ProjectSwitch } from '@/features/projects/ProjectSwitch';
import { projectsQuery } from '@/features/projects/queries';
import type { Address } from '@/shared/address';
import { useMay } from '@/shared/session';
import { AccountMenu } from './AccountMenu';
import { LiveIndicator } from './LiveIndicator';
import { SearchBox } from './SearchBox';
import { ThemeButton } from './ThemeButton';

/** Whose tasks are shown, a search, whether it is live, what waits for the person, and who that is. */
export const TopBar = memo(function TopBar({ waiting }: { waiting: number }) {
  const { t } = useTranslation();
  const { project = null, q = '' } = useAddress();
  const projects = useQuery(projectsQuery);
  const may = useMay();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);

  const choose = (key: string | null) =>
    void navigate({
      to: '.',
      search: ({ project: _, ...rest }: Address) => ({ ...rest, ...(key && { project: key }) }),
    });
  // Results are always shown on the board, whichever page the search begins on.
  const search = useCallback(
    (words: string) =>
      void navigate({
        to: '/board',
        replace: true,
        search: ({ q: _, ...rest }: Address) => ({ ...rest, ...(words && { q: words }) }),
      }),
    [navigate],
  );

  return (
    <header className="relative flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 pt-[env(safe-area-inset-top)] desk:px-3">
      <ProjectSwitch
        projects={projects.data ?? []}
        chosen={project}
        onChoose={choose}
        onCreate={may('projects') ? () => setCreating(true) : undefined}
      />
      <SearchBox words={q} onSearch={search} />
      <span className="grow" />
      <LiveIndicator />
      {waiting > 0 && (
        <Link
          to="/inbox"
          search={project ? { project } : {}}
          className="rounded-control px-2 py-1 text-list whitespace-nowrap text-input hover:bg-hover max-desk:hidden"
        >
          {t('top.waiting', { count: waiting })}
        </Link>
      )}
      <ThemeButton />
      <AccountMenu />
      <NewProjectDialog
        open={creating}
        onCreated={(key) => {
          setCreating(false);
          choose(key);
        }}
        onClose={() => setCreating(false)}
      />
    </header>
  );
});
