import { Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useAddress } from '@/pages/navigation';
import { Page } from '@/shared/ui/Page';

const PARTS = [
  { to: '/automation/modules', name: 'modules' },
  { to: '/automation/robots', name: 'robots' },
  { to: '/automation/schedules', name: 'schedules' },
] as const;

/** The engine's side: who does the work, and the work itself. */
export function AutomationPage() {
  const { t } = useTranslation();
  const { project } = useAddress();
  return (
    <Page title={t('automation.title')}>
      <nav aria-label={t('automation.parts')} className="flex shrink-0 gap-5 border-b border-line px-4">
        {PARTS.map(({ to, name }) => (
          <Link
            key={to}
            to={to}
            search={project ? { project } : {}}
            className="-mb-px flex h-9 items-center border-b-2 border-transparent text-list text-muted transition-colors hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {t(`automation.part.${name}`)}
          </Link>
        ))}
      </nav>
      <div className="min-h-0 grow overflow-y-auto px-4 pt-4 pb-16">
        <div className="flex max-w-[1180px] flex-col gap-8">
          <Outlet />
        </div>
      </div>
    </Page>
  );
}
