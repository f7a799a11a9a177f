import { Boxes, ChevronDown, Plus } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Project } from '@/shared/api/types';
import { Menu, MenuChoices, MenuItem, MenuLine } from '@/shared/ui/Menu';

const ALL = '';

/** Chooses whose tasks are shown: one project's or all. */
export function ProjectSwitch(props: {
  projects: readonly Project[];
  chosen: string | null;
  onChoose: (project: string | null) => void;
  onCreate?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const { projects, chosen } = props;
  const shown = projects.find((project) => project.key === chosen);
  const name = shown?.name ?? chosen ?? t('top.allProjects');
  const choices = [
    { value: ALL, text: t('top.allProjects') },
    ...projects.map((project) => ({
      value: project.key,
      text: (
        <span className="flex items-baseline gap-2">
          <span className="truncate">{project.name}</span>
          <span className="text-small text-faint">{project.key}</span>
          {project.status !== 'active' && (
            <span className="text-small text-input">{t(`project.${project.status}`)}</span>
          )}
        </span>
      ),
    })),
  ];
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`${t('top.project')}: ${name}`}
          className="flex h-8 max-w-[56vw] min-w-0 items-center gap-1.5 rounded-control px-2 text-body font-semibold transition-colors hover:bg-hover desk:max-w-[260px]"
        >
          <Boxes aria-hidden className="size-4 shrink-0 text-muted" />
          <span className="truncate">{name}</span>
          <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      }
    >
      <MenuChoices
        label={t('top.project')}
        value={chosen ?? ALL}
        choices={choices}
        onChoose={(value) => props.onChoose(value === ALL ? null : value)}
      />
      {props.onCreate && (
        <>
          <MenuLine />
          <MenuItem icon={<Plus className="size-4" />} onSelect={props.onCreate}>
            {t('top.newProject')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
