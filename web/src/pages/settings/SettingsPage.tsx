import { Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from '@/shared/i18n/translation';
import { useAddress } from '@/pages/navigation';
import { Page } from '@/shared/ui/Page';

const PARTS = [
  { to: '/settings/projects', name: 'projects' },
  { to: '/settings/keys', name: 'keys' },
  { to: '/settings/appearance', name: 'appearance' },
  { to: '/settings/about', name: 'about' },
] as const;

/** The parts of the settings, each with its own address. */
export function SettingsPage() {
  const { t } = useTranslation();
  const { project } = useAddress();
  return (
    <Page title={t('settings.title')}>
      <div className="flex min-h-0 grow flex-col desk:flex-row">
        <nav
          aria-label={t('settings.parts')}
          className="flex shrink-0 gap-1 px-3 max-desk:overflow-x-auto max-desk:border-b max-desk:border-line max-desk:pb-2 desk:w-[176px] desk:flex-col"
        >
          {PARTS.map(({ to, name }) => (
            <Link
              key={to}
              to={to}
              search={project ? { project } : {}}
              className="flex h-8 shrink-0 items-center rounded-control px-2.5 text-list text-muted transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              {t(`settings.part.${name}`)}
            </Link>
          ))}
        </nav>
        {/* Anything that scrolls can be reached by keyboard: it always holds something to focus. */}
        <div className="min-h-0 min-w-0 grow overflow-y-auto px-4 pb-16 max-desk:pt-4">
          <div className="flex max-w-[820px] flex-col gap-8">
            <Outlet />
          </div>
        </div>
      </div>
    </Page>
  );
}
