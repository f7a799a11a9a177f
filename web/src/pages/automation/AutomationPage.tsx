import { Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from '@/shared/i18n/translation';
import { useAddress } from '@/pages/navigation';
import { Page } from '@/shared/ui/Page';

const PARTS = [
  { to: '/automation/modules', name: 'modules' },
  { to: '/automation/robots', name: 'robots' },
  { to: '/automation/batches', name: 'batches' },
  { to: '/automation/schedules', name: 'schedules' },
] as const;

/** The engine's side: who does the work, and the work itself. */
export function AutomationPage() {
  const { t } = useTranslation();
  const { project } = useAddress();
  return (
    <Page title={t('automation.title')}>
      <nav
        aria-label={t('automation.parts')}
        className="flex shrink-0 gap-5 overflow-x-auto overflow-y-hidden border-b border-line px-4 [scrollbar-width:none]"
      >
        {PARTS.map(({ to, name }) => (
          <Link
            key={to}
            to={to}
            search={project ? { project } : {}}
            className="-mb-px flex h-9 shrink-0 items-center border-b-2 border-transparent text-list text-muted transition-colors hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {t(`automation.part.${name}`)}
          </Link>
        ))}
      </nav>
      <Outlet />
    </Page>
  );
}
