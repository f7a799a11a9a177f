import { useQuery } from '@tanstack/react-query';
import { Workflow } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModuleOrder } from '@/features/modules/ModuleMenu';
import { ModuleTable } from '@/features/modules/ModuleTable';
import { modulesQuery, routesQuery, useHistories, useModuleOrders } from '@/features/modules/queries';
import { Routes } from '@/features/modules/Routes';
import { useMay } from '@/shared/session';
import { Confirm } from '@/shared/ui/Confirm';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';

type Asked = { name: string; order: 'off' | 'drain' } | null;

/** Modules, and who gets what. */
export function ModulesPart() {
  const { t } = useTranslation();
  const modules = useQuery(modulesQuery);
  const routes = useQuery(routesQuery);
  const may = useMay();
  const orders = useModuleOrders();
  const [seen, setSeen] = useState<readonly string[]>([]);
  const histories = useHistories(seen);
  const [asked, setAsked] = useState<Asked>(null);
  if (!modules.data) {
    if (modules.isError) return <LoadProblem error={modules.error} onRetry={() => void modules.refetch()} />;
    return <Skeleton className="h-48 rounded-card" />;
  }
  // Where only one module does a type there is nothing to choose.
  const choices = routes.data?.filter((route) => route.modules.length > 1) ?? [];
  const give = (name: string, order: ModuleOrder) => {
    if (order === 'off' || order === 'drain') setAsked({ name, order });
    else orders.mutate({ name, order });
  };
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
            histories={histories}
            allowed={may('modules')}
            busy={orders.isPending}
            onSeen={(name) => setSeen((names) => (names.includes(name) ? names : [...names, name]))}
            onOrder={({ moduleName }, order) => give(moduleName, order)}
          />
        )}
      </Section>
      {choices.length > 0 && <Routes routes={choices} />}
      <Confirm
        open={asked !== null}
        title={t(`automation.ask.${asked?.order ?? 'off'}`, { name: asked?.name ?? '' })}
        text={t(`automation.askText.${asked?.order ?? 'off'}`)}
        action={t(`automation.askDo.${asked?.order ?? 'off'}`)}
        busy={orders.isPending}
        onConfirm={() => asked && orders.mutate(asked, { onSettled: () => setAsked(null) })}
        onClose={() => setAsked(null)}
      />
    </>
  );
}
