import { ChevronRight, Unlink } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Project } from '@/shared/api/types';
import { isUpstreamTroubled } from './upstream';

/** A project in a list: its name and key, where it comes from, and what is not as it should be. */
export function ProjectLine({ project }: { project: Project }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="min-w-0 grow">
        <span className="flex items-baseline gap-2">
          <span className="truncate font-medium">{project.name}</span>
          <span className="shrink-0 text-small text-faint">{project.key}</span>
        </span>
        <span className="block truncate text-small text-muted">
          {project.upstream ?? t('settings.upstream.none')}
        </span>
      </span>
      {isUpstreamTroubled(project) && project.upstreamState && (
        <span className="flex shrink-0 items-center gap-1.5 text-small text-failed max-desk:hidden">
          <Unlink aria-hidden className="size-3.5" />
          {t(`settings.upstream.standing.${project.upstreamState.standing}`)}
        </span>
      )}
      {project.status !== 'active' && (
        <span className="shrink-0 text-small text-input">{t(`project.${project.status}`)}</span>
      )}
      <ChevronRight aria-hidden className="size-4 shrink-0 text-faint" />
    </>
  );
}
