import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NewProjectDialog } from '@/pages/NewProjectDialog';
import { useAddress } from '@/pages/navigation';
import { ProjectSwitch } from '@/features/projects/ProjectSwitch';
import { projectsQuery } from '@/features/projects/queries';
import type { Address } from '@/shared/address';
import { useMay } from '@/shared/session';
import { AccountMenu } from './AccountMenu';
import { LiveIndicator } from './LiveIndicator';

/** Whose tasks are shown, a filter, whether it is live, and who is signed in. */
export function TopBar() {
  const { project = null, q = '' } = useAddress();
  const { t } = useTranslation();
  const projects = useQuery(projectsQuery);
  const may = useMay();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);

  const choose = (key: string | null) =>
    void navigate({
      to: '.',
      search: ({ project: _, ...rest }: Address) => ({ ...rest, ...(key && { project: key }) }),
    });
  const filter = (words: string) =>
    void navigate({
      to: '.',
      replace: true,
      search: ({ q: _, ...rest }: Address) => ({ ...rest, ...(words && { q: words }) }),
    });

  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 pt-[env(safe-area-inset-top)] desk:px-3">
      <ProjectSwitch
        projects={projects.data ?? []}
        chosen={project}
        onChoose={choose}
        onCreate={may('projects') ? () => setCreating(true) : undefined}
      />
      <label className="relative ml-2 max-w-[280px] min-w-0 grow max-desk:hidden">
        <span className="sr-only">{t('top.search')}</span>
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
        <input
          type="search"
          value={q}
          maxLength={100}
          placeholder={t('top.search')}
          onChange={(event) => filter(event.target.value)}
          className="h-8 w-full rounded-control border border-transparent bg-canvas pr-2 pl-8 text-list transition-colors placeholder:text-faint hover:border-line focus-visible:border-focus focus-visible:outline-none"
        />
      </label>
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
}
