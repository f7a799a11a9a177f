import clsx from 'clsx';
import { CircleCheck, CircleHelp, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { HealthStatus, Module } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { Switch } from '@/shared/ui/Switch';

const LOOKS: Record<HealthStatus, { icon: LucideIcon; color: string }> = {
  HEALTHY: { icon: CircleCheck, color: 'text-approved' },
  DEGRADED: { icon: TriangleAlert, color: 'text-input' },
  UNHEALTHY: { icon: CircleX, color: 'text-failed' },
  UNKNOWN: { icon: CircleHelp, color: 'text-faint' },
};

interface ModuleTableProps {
  modules: readonly Module[];
  allowed: boolean;
  busy: boolean;
  onSwitch: (module: Module, on: boolean) => void;
}

/** Modules as rows: how they are, how good, and how much they have in hand. On a phone each row stands on its own. */
export function ModuleTable(props: ModuleTableProps) {
  const { t } = useTranslation();
  return (
    <table className="w-full border-collapse text-list max-desk:block">
      <thead className="max-desk:sr-only">
        <tr className="border-b border-line text-left text-small text-faint [&_th]:px-4 [&_th]:py-2 [&_th]:font-medium">
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
          <Row key={module.moduleId} {...props} module={module} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ module, allowed, busy, onSwitch }: ModuleTableProps & { module: Module }) {
  const { t, i18n } = useTranslation();
  const { icon: Icon, color } = LOOKS[module.healthStatus];
  return (
    <tr className="border-b border-line last:border-0 max-desk:grid max-desk:grid-cols-[minmax(0,1fr)_auto] max-desk:gap-x-3 max-desk:gap-y-1.5 max-desk:px-4 max-desk:py-3 desk:[&>td]:px-4 desk:[&>td]:py-2.5">
      <td className="max-w-[300px] min-w-0">
        <span className="font-medium break-words">{module.moduleName}</span>{' '}
        <span className="text-small text-faint">{module.moduleVersion}</span>
        <span className="block truncate text-small text-muted" title={module.supportedRobotTypes.join(', ')}>
          {module.supportedRobotTypes.join(', ')}
        </span>
      </td>
      <td className={clsx('whitespace-nowrap max-desk:justify-self-end', color)}>
        <span className="inline-flex items-center gap-1.5" title={module.lastErrorMessage ?? undefined}>
          <Icon aria-hidden className="size-4" />
          {t(`automation.healthState.${module.healthStatus}`)}
        </span>
      </td>
      <td className="whitespace-nowrap">
        <span className="text-muted desk:hidden">{t('automation.score')} </span>
        {module.performanceScore.toFixed(2)}{' '}
        <span className="text-small text-faint">{t(`automation.tier.${module.performanceTier}`)}</span>
      </td>
      <td className="max-desk:justify-self-end">
        <span className="text-muted desk:hidden">{t('automation.load')} </span>
        <Load module={module} />
      </td>
      <td className="text-right text-muted max-desk:text-left">
        <span className="desk:hidden">{t('automation.queue')} </span>
        {module.queued}
      </td>
      <td className="text-right text-muted">
        <span className="desk:hidden">{t('automation.success')} </span>
        {percent(module.successRate24h / 100, i18n.language)}
      </td>
      <td className="text-right max-desk:col-span-2 max-desk:flex max-desk:items-center max-desk:gap-2">
        <Switch
          label={`${module.moduleName}: ${t('automation.active')}`}
          on={module.isActive}
          disabled={!allowed || busy}
          onChange={(on) => onSwitch(module, on)}
        />
        <span aria-hidden className="text-muted desk:hidden">
          {t('automation.active')}
        </span>
      </td>
    </tr>
  );
}

function Load({ module }: { module: Module }) {
  const { t } = useTranslation();
  const { maxConcurrent: most, running = 0 } = module;
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap text-muted">
      {most !== null && (
        <meter
          min={0}
          max={most}
          value={Math.min(running, most)}
          aria-label={t('automation.load')}
          className="h-1.5 w-20 appearance-none overflow-hidden rounded-full bg-hover [&::-moz-meter-bar]:bg-progress [&::-webkit-meter-bar]:rounded-full [&::-webkit-meter-bar]:border-0 [&::-webkit-meter-bar]:bg-hover [&::-webkit-meter-inner-element]:block [&::-webkit-meter-optimum-value]:bg-progress"
        />
      )}
      <span title={t('automation.running')}>
        {running}
        {most !== null && ` / ${most}`}
      </span>
    </span>
  );
}
