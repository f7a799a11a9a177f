import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { Route } from '@/shared/api/types';
import { Section } from '@/shared/ui/Section';

/** Who gets robots of each type; those who get none now are struck through. */
export function Routes({ routes }: { routes: readonly Route[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('automation.routes')} text={t('automation.routesText')}>
      {routes.map((route) => (
        <div
          key={route.robotType}
          className="grid gap-x-6 px-4 py-2 text-list desk:grid-cols-[minmax(0,240px)_minmax(0,1fr)]"
        >
          <code className="font-mono text-small break-all">{route.robotType}</code>
          <p className="flex flex-wrap gap-x-3 text-muted">
            {route.modules.map((module) => (
              <span key={module.moduleName} className={clsx(!module.well && 'text-faint line-through')}>
                {module.moduleName} <span className="text-small text-faint">{module.figure.toFixed(2)}</span>
              </span>
            ))}
          </p>
        </div>
      ))}
    </Section>
  );
}
