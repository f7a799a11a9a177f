import { useTranslation } from '@/shared/i18n/translation';
import type { Module, ModuleHistory } from '@/shared/api/types';
import { percent } from '@/shared/format/numbers';
import { Skeleton } from '@/shared/ui/Skeleton';
import { Switch } from '@/shared/ui/Switch';
import { useSeen } from '@/shared/ui/useSeen';
import { HealthStrip } from './HealthStrip';
import { ModuleMenu } from './ModuleMenu';
import { ModuleState } from './ModuleState';
import type { ModuleTableProps } from './ModuleTable';
import { Score } from './Score';
import { troubleOf } from './trouble';

type RowProps = Omit<ModuleTableProps, 'modules' | 'histories'> & {
  module: Module;
  history: ModuleHistory | undefined;
};

export function ModuleRow({ module, history, allowed, busy, onSeen, onOrder, moduleLink }: RowProps) {
  const { t, i18n } = useTranslation();
  const row = useSeen<HTMLTableRowElement>(() => onSeen(module.moduleName));
  return (
    <tr
      ref={row}
      className="border-b border-line last:border-0 max-desk:grid max-desk:grid-cols-[minmax(0,1fr)_auto] max-desk:gap-x-3 max-desk:gap-y-1.5 max-desk:px-4 max-desk:py-3 desk:[&>td]:px-3 desk:[&>td]:py-2.5 desk:[&>td:first-child]:pl-4"
    >
      <td className="max-w-[260px] min-w-0 max-desk:col-span-2">
        <span className="font-medium break-words">{moduleLink(module.moduleName)}</span>{' '}
        <span className="text-small text-faint">{module.moduleVersion}</span>
        <span className="block truncate text-small text-muted" title={module.supportedRobotTypes.join(', ')}>
          {module.supportedRobotTypes.join(', ')}
        </span>
        {module.breaker && module.breaker.state !== 'CLOSED' && (
          <span className="block text-small text-input">{t(`module.careful.${module.breaker.state}`)}</span>
        )}
      </td>
      <td className="max-desk:col-span-2 wide:w-[372px]">
        <Health module={module} history={history} />
      </td>
      <td className="whitespace-nowrap">
        <span className="text-muted desk:hidden">{t('automation.score')} </span>
        <Score module={module} history={history} />
      </td>
      <td className="max-desk:justify-self-end">
        <span className="text-muted desk:hidden">{t('automation.load')} </span>
        <Load module={module} />
      </td>
      <td className="text-right text-muted max-desk:text-left">
        <span className="desk:hidden">{t('automation.queue')} </span>
        {queuedText(module.queued ?? 0, i18n.language)}
      </td>
      <td className="text-right text-muted">
        <span className="desk:hidden">{t('automation.success')} </span>
        {percent(module.successRate24h && module.successRate24h / 100, i18n.language)}
      </td>
      <td className="max-desk:col-span-2">
        <span className="flex items-center gap-2 desk:justify-end">
          <Turn module={module} allowed={allowed} busy={busy} onOrder={onOrder} />
          {allowed && !module.internal && (
            <ModuleMenu module={module} busy={busy} onOrder={(order) => onOrder(module, order)} />
          )}
        </span>
      </td>
    </tr>
  );
}

// The server counts no further.
const MOST_COUNTED = 1_000;

function queuedText(queued: number, language: string): string {
  return `${queued.toLocaleString(language)}${queued >= MOST_COUNTED ? '+' : ''}`;
}

/** How it is now, in a word, and how it was all day. */
function Health({ module, history }: Pick<RowProps, 'module' | 'history'>) {
  const { t, i18n } = useTranslation();
  return (
    <span className="flex items-center gap-3">
      <ModuleState
        module={module}
        title={troubleOf(module, t, i18n.language) ?? undefined}
        className="w-[104px]"
      />
      {/* Nobody has to look whether the system's own are there: they answer for themselves. */}
      {!module.internal &&
        (history ? <HealthStrip history={history} /> : <Skeleton className="h-5 w-full max-w-[240px]" />)}
    </span>
  );
}

/** Whether it takes work: a switch, except where there is nothing to choose. */
function Turn({ module, allowed, busy, onOrder }: Pick<RowProps, 'module' | 'allowed' | 'busy' | 'onOrder'>) {
  const { t } = useTranslation();
  if (module.internal) {
    return (
      <span className="text-small whitespace-nowrap text-faint" title={t('automation.internalText')}>
        {t('automation.internal')}
      </span>
    );
  }
  return (
    <>
      {module.draining && module.isActive && (
        <span className="text-small whitespace-nowrap text-input" title={t('automation.drainingText')}>
          {t('automation.draining')}
        </span>
      )}
      <Switch
        label={`${module.moduleName}: ${t('automation.active')}`}
        on={module.isActive}
        disabled={!allowed || busy}
        onChange={(on) => onOrder(module, on ? 'on' : 'off')}
      />
      <span aria-hidden className="text-muted desk:hidden">
        {t('automation.active')}
      </span>
    </>
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
          className="h-1.5 w-16 appearance-none overflow-hidden rounded-full bg-hover [&::-moz-meter-bar]:bg-progress [&::-webkit-meter-bar]:rounded-full [&::-webkit-meter-bar]:border-0 [&::-webkit-meter-bar]:bg-hover [&::-webkit-meter-bar]:bg-none [&::-webkit-meter-inner-element]:block [&::-webkit-meter-optimum-value]:bg-progress [&::-webkit-meter-optimum-value]:bg-none"
        />
      )}
      <span title={t('automation.running')}>
        {running}
        {most !== null && ` / ${most}`}
      </span>
    </span>
  );
}
