import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Module } from '@/shared/api/types';
import { Section } from '@/shared/ui/Section';
import { familyOf, peersOf, versionsOf } from './family';
import { ModuleState } from './ModuleState';

interface VersionsProps {
  module: Module;
  modules: readonly Module[];
  /** Leads to a module. */
  moduleLink: (name: string) => ReactNode;
}

/** The versions of a module side by side; left out where there is only one. */
export function Versions({ module, modules, moduleLink }: VersionsProps) {
  const { t } = useTranslation();
  const versions = versionsOf(modules, module.moduleName);
  if (versions.length < 2) return null;
  return (
    <Section
      title={t('module.versions')}
      text={t('module.versionsText', { name: familyOf(module.moduleName) })}
    >
      {versions.map((one) => (
        <div
          key={one.moduleId}
          className="grid items-center gap-x-4 gap-y-1 px-4 py-2.5 text-list max-desk:grid-cols-[minmax(0,1fr)_auto] desk:grid-cols-[minmax(0,1fr)_120px_110px_minmax(0,180px)]"
        >
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {one.moduleName === module.moduleName ? (
              <>
                <span className="font-medium">{one.moduleName}</span>{' '}
                <span className="text-small text-faint">{t('module.this')}</span>
              </>
            ) : (
              moduleLink(one.moduleName)
            )}
          </span>
          <span className="truncate text-muted max-desk:text-right" title={one.moduleVersion}>
            {one.moduleVersion}
          </span>
          <ModuleState module={one} />
          <span className="text-muted tabular-nums desk:text-right">
            {t(one.draining ? 'automation.draining' : 'module.inHandAll', {
              running: one.running ?? 0,
              queued: one.queued ?? 0,
            })}
          </span>
        </div>
      ))}
    </Section>
  );
}

/** What a module does, and who does that, too. */
export function Types({ module, modules, moduleLink }: VersionsProps) {
  const { t } = useTranslation();
  return (
    <Section title={t('module.types')}>
      {peersOf(modules, module).map(({ type, others }) => (
        <div
          key={type}
          className="grid gap-x-6 px-4 py-2 text-list desk:grid-cols-[minmax(0,260px)_minmax(0,1fr)]"
        >
          <code className="font-mono text-small break-all">{type}</code>
          <p className="flex flex-wrap gap-x-3 text-muted">
            {others.length === 0 ? t('module.only') : t('module.alsoBy')}
            {others.map((one) => (
              <span key={one.moduleId}>{moduleLink(one.moduleName)}</span>
            ))}
          </p>
        </div>
      ))}
    </Section>
  );
}
