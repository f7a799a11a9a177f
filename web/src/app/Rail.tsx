import { Link, useNavigate } from '@tanstack/react-router';
import {
  Bot,
  ChartNoAxesColumn,
  Ellipsis,
  Inbox,
  type LucideIcon,
  Rocket,
  Settings,
  SquareKanban,
  Workflow,
} from 'lucide-react';
import clsx from 'clsx';
import { memo } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { useProject } from '@/pages/navigation';
import { Logo } from '@/shared/ui/Logo';
import { Menu, MenuItem } from '@/shared/ui/Menu';

const ITEMS = [
  { to: '/board', name: 'board', icon: SquareKanban },
  { to: '/inbox', name: 'inbox', icon: Inbox },
  { to: '/agents', name: 'agents', icon: Bot },
  { to: '/ship', name: 'ship', icon: Rocket },
] as const satisfies readonly Item[];

/** On a phone these wait behind "More". */
const MORE_ITEMS = [
  { to: '/automation', name: 'automation', icon: Workflow },
  { to: '/reports', name: 'reports', icon: ChartNoAxesColumn },
  { to: '/settings', name: 'settings', icon: Settings },
] as const satisfies readonly Item[];

interface Item {
  to: string;
  name: string;
  icon: LucideIcon;
}

const ENTRY =
  'relative flex flex-col items-center justify-center gap-0.5 rounded-card text-small text-muted transition-colors hover:bg-hover hover:text-ink aria-[current=page]:font-medium aria-[current=page]:text-ink max-desk:h-14 max-desk:flex-1 desk:h-10 desk:aria-[current=page]:bg-hover wide:h-[52px]';

const LABEL = 'desk:max-wide:sr-only';

/** Where one can go: at the left on a desk, folded to pictures where it is small; at the bottom on a phone. */
export const Rail = memo(function Rail({ waiting }: { waiting: number }) {
  const { t } = useTranslation();
  const project = useProject() ?? undefined;
  return (
    <nav
      aria-label={t('nav.label')}
      className="flex shrink-0 border-line bg-surface max-desk:border-t max-desk:pb-[env(safe-area-inset-bottom)] desk:w-[52px] desk:flex-col desk:gap-1 desk:border-r desk:px-1.5 wide:w-[84px]"
    >
      <div className="mb-1 flex h-12 items-center justify-center max-desk:hidden">
        <Logo className="size-7" />
      </div>
      {ITEMS.map(({ to, name, icon: Icon }) => {
        const badge = name === 'inbox' && waiting > 0 ? waiting : null;
        return (
          <Link
            key={to}
            to={to}
            search={project ? { project } : {}}
            title={t(`nav.${name}`)}
            className={ENTRY}
          >
            <Icon aria-hidden className="size-[18px] shrink-0" />
            <span className={LABEL}>{t(`nav.${name}`)}</span>
            {badge !== null && (
              <span
                aria-label={t('top.waiting', { count: badge })}
                className="absolute top-1 left-[calc(50%+6px)] flex h-4 min-w-4 items-center justify-center rounded-full bg-input px-1 text-[11px] leading-none font-semibold text-surface"
              >
                {badge > 99 ? '99+' : badge}
              </span>
            )}
          </Link>
        );
      })}
      {MORE_ITEMS.map(({ to, name, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          search={project ? { project } : {}}
          title={t(`nav.${name}`)}
          className={clsx(ENTRY, 'max-desk:hidden', to === '/settings' && 'mt-auto mb-2')}
        >
          <Icon aria-hidden className="size-[18px] shrink-0" />
          <span className={LABEL}>{t(`nav.${name}`)}</span>
        </Link>
      ))}
      <More project={project} />
    </nav>
  );
});

function More({ project }: { project: string | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Menu
      trigger={
        <button type="button" className={clsx(ENTRY, 'desk:hidden')}>
          <Ellipsis aria-hidden className="size-[18px] shrink-0" />
          {t('nav.more')}
        </button>
      }
    >
      {MORE_ITEMS.map(({ to, name, icon: Icon }) => (
        <MenuItem
          key={to}
          icon={<Icon className="size-4" />}
          onSelect={() => void navigate({ to, search: project ? { project } : {} })}
        >
          {t(`nav.${name}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
