import { useQuery } from '@tanstack/react-query';
import { Workflow } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { ModuleTable } from '@/features/modules/ModuleTable';
import { modulesQuery, routesQuery, useHistories } from '@/features/modules/queries';
import { Routes } from '@/features/modules/Routes';
import { Body } from '@/pages/automation/Body';
import { ModuleLink } from '@/pages/automation/ModuleLink';
import { Teach } from '@/pages/automation/Teach';
import { useModuleOrder } from '@/pages/automation/useModuleOrder';
import type { Module } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loaded } from '@/shared/ui/Loaded';
import { Section } from '@/shared/ui/Section';

/** Modules, and who gets what. */
export function ModulesPart() {
  return (
    <Body>
      <Loaded found={useQuery(modulesQuery)} className="h-48 rounded-card">
        {(modules) => <Shown modules={modules} />}
      </Loaded>
    </Body>
  );
}

function Shown({ modules }: { modules: readonly Module[] }) {
  const { t } = useTranslation();
  const routes = useQuery(routesQuery);
  const may = useMay();
  const { give, busy, question } = useModuleOrder();
  const [seen, setSeen] = useState<readonly string[]>([]);
  const histories = useHistories(seen);
  // Where only one module does a type there is nothing to choose.
  const choices = routes.data?.filter((route) => route.modules.length > 1) ?? [];
  return (
    <>
      <Section title={t('automation.part.modules')} text={t('automation.modulesText')}>
        {modules.every(({ internal }) => internal) && (
          <EmptyState icon={<Workflow className="size-6" />} title={t('automation.noModules')}>
            <p>{t('automation.noModulesText')}</p>
            <Teach />
          </EmptyState>
        )}
        {modules.length > 0 && (
          <ModuleTable
            modules={modules}
            histories={histories}
            allowed={may('modules')}
            busy={busy}
            onSeen={(name) => setSeen((names) => (names.includes(name) ? names : [...names, name]))}
            onOrder={({ moduleName }, order) => give(moduleName, order)}
            moduleLink={(name) => <ModuleLink name={name} className="hover:underline" />}
          />
        )}
      </Section>
      {choices.length > 0 && <Routes routes={choices} />}
      {question}
    </>
  );
}
