import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Module, ModuleHistory } from '@/shared/api/types';
import { type ModuleOrder } from './ModuleMenu';
import { ModuleRow } from './ModuleRow';

export interface ModuleTableProps {
  modules: readonly Module[];
  /** The last 24 hours, by name, of those that are known. */
  histories: ReadonlyMap<string, ModuleHistory>;
  allowed: boolean;
  busy: boolean;
  /** A row has come into sight. */
  onSeen: (name: string) => void;
  onOrder: (module: Module, order: ModuleOrder) => void;
  /** Leads to a module. */
  moduleLink: (name: string) => ReactNode;
}

/** Modules as rows: how they are and were, how good, and how much they have in hand. On a phone each stands on its own. */
export function ModuleTable(props: ModuleTableProps) {
  const { t } = useTranslation();
  return (
    <table className="w-full border-collapse text-list max-desk:block">
      <thead className="max-desk:sr-only">
        <tr className="border-b border-line text-left text-small text-faint [&_th]:px-3 [&_th]:py-2 [&_th]:font-medium [&_th]:whitespace-nowrap [&_th:first-child]:pl-4">
          <th scope="col">{t('automation.module')}</th>
          <th scope="col">{t('automation.health')}</th>
          <th scope="col">{t('automation.score')}</th>
          <th scope="col">{t('automation.load')}</th>
          <th scope="col" className="text-right">
            {t('automation.queue')}
          </th>
          <th scope="col" className="text-right">
            {t('automation.success')}
          </th>
          <th scope="col" className="text-right">
            {t('automation.active')}
          </th>
        </tr>
      </thead>
      <tbody className="max-desk:block">
        {props.modules.map((module) => (
          <ModuleRow
            key={module.moduleId}
            {...props}
            module={module}
            history={props.histories.get(module.moduleName)}
          />
        ))}
      </tbody>
    </table>
  );
}
