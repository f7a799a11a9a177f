import { Unlink } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Project } from '@/shared/api/types';
import { CopyLine } from '@/shared/ui/CopyLine';
import { Quoting } from '@/shared/ui/Quoting';

/** Projects that stand badly to the repository they came from: what is wrong, and what to run there. */
export function UpstreamTroubles(props: { projects: readonly Project[] }) {
  const { t } = useTranslation();
  const headId = useId();
  return (
    <section aria-labelledby={headId}>
      <h2 id={headId} className="mb-2 flex items-center gap-1.5 text-list font-medium text-failed">
        <Unlink aria-hidden className="size-4" />
        {t('inbox.upstream')}
      </h2>
      <ul className="divide-y divide-line rounded-card border border-line bg-surface">
        {props.projects.map((project) => (
          <li key={project.id} className="flex flex-col gap-2 px-3 py-2.5 text-list">
            <p className="min-w-0 break-words">
              <span className="text-muted">{project.key}</span>{' '}
              <Quoting text={saying(project.upstreamState?.message, project.upstreamState?.told, t) ?? ''} />
            </p>
            {project.upstreamState?.command && <CopyLine text={project.upstreamState.command} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
