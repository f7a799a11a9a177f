import { useQuery } from '@tanstack/react-query';
import { Workflow } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ModuleTable } from '@/features/modules/ModuleTable';
import { modulesQuery, routesQuery, useSwitchModule } from '@/features/modules/queries';
import { Routes } from '@/features/modules/Routes';
import { useMay } from '@/shared/session';
import { Confirm } from '@/shared/ui/Confirm';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';

/** Modules, and who gets what. */
export function ModulesPart() {
  const { t } = useTranslation();
  const modules = useQuery(modulesQuery);
  const routes = useQuery(routesQuery);
  const may = useMay();
  const turn = useSwitchModule();
  const [ending, setEnding] = useState<string | null>(null);
  if (!modules.data) {
    if (modules.isError) return <LoadProblem error={modules.error} onRetry={() => void modules.refetch()} />;
    return <Skeleton className="h-48 rounded-card" />;
  }
  // Where only one module does a type there is nothing to choose.
  const choices = routes.data?.filter((route) => route.modules.length > 1) ?? [];
  return (
    <>
      <Section title={t('automation.part.modules')} text={t('automation.modulesText')}>
        {modules.data.length === 0 ? (
          <EmptyState icon={<Workflow className="size-6" />} title={t('automation.noModules')}>
            {t('automation.noModulesText')}
          </EmptyState>
        ) : (
          <ModuleTable
            modules={modules.data}
            allowed={may('modules')}
            busy={turn.isPending}
            onSwitch={({ moduleName }, on) =>
              on ? turn.mutate({ moduleName, isActive: true }) : setEnding(moduleName)
            }
          />
        )}
      </Section>
      {choices.length > 0 && <Routes routes={choices} />}
      <Confirm
        open={ending !== null}
        title={t('automation.switchOff', { name: ending ?? '' })}
        text={t('automation.switchOffText')}
        action={t('automation.switchOffDo')}
        busy={turn.isPending}
        onConfirm={() =>
          ending && turn.mutate({ moduleName: ending, isActive: false }, { onSettled: () => setEnding(null) })
        }
        onClose={() => setEnding(null)}
      />
    </>
  );
}
