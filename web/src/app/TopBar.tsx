import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { memo, useCallback, useState } from 'react';
import { NewProjectDialog } from '@/pages/NewProjectDialog';
import { useAddress } from '@/pages/navigation';
import { ProjectSwitch } from '@/features/projects/ProjectSwitch';
import { projectsQuery } from '@/features/projects/queries';
import type { Address } from '@/shared/address';
import { useMay } from '@/shared/session';
import { AccountMenu } from './AccountMenu';
import { LiveIndicator } from './LiveIndicator';
import { SearchBox } from './SearchBox';

/** Whose tasks are shown, a filter, whether it is live, and who is signed in. */
export const TopBar = memo(function TopBar() {
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
  const search = useCallback(
    (words: string) =>
      void navigate({
        to: '.',
        replace: true,
        search: ({ q: _, ...rest }: Address) => ({ ...rest, ...(words && { q: words }) }),
      }),
    [navigate],
  );

  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 pt-[env(safe-area-inset-top)] desk:px-3">
      <ProjectSwitch
        projects={projects.data ?? []}
        chosen={project}
        onChoose={choose}
        onCreate={may('projects') ? () => setCreating(true) : undefined}
      />
      <SearchBox words={q} onSearch={search} />
      <span className="grow" />
      <LiveIndicator />
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
