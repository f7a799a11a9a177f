import { useNavigate } from '@tanstack/react-router';
import clsx from 'clsx';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { ModuleMenu } from '@/features/modules/ModuleMenu';
import { ModuleState } from '@/features/modules/ModuleState';
import { useRemoveModule } from '@/features/modules/queries';
import { isAtRest, troubleOf } from '@/features/modules/trouble';
import { ScoreWords } from '@/features/modules/Score';
import { useModuleOrder } from '@/pages/automation/useModuleOrder';
import { useAddress } from '@/pages/navigation';
import type { Module } from '@/shared/api/types';
import { clock } from '@/shared/format/time';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { Quoting } from '@/shared/ui/Quoting';
import { Switch } from '@/shared/ui/Switch';

/** A module's name, how it is, and what can be done with it. */
export function ModuleHead({ module }: { module: Module }) {
  const { t, i18n } = useTranslation();
  const may = useMay();
  const { moduleName: name, consecutiveFailures: failures } = module;
  const trouble = troubleOf(module, t, i18n.language);
  const { give, busy, question } = useModuleOrder();
  const allowed = may('modules');
  return (
    <header className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 text-body font-semibold [overflow-wrap:anywhere]">
          {name} <span className="font-normal text-faint">{module.moduleVersion}</span>
        </h2>
        <ModuleState module={module} className="text-list" />
        <span className="text-list text-muted">
          {t('automation.score')} <ScoreWords module={module} />
        </span>
        {module.draining && module.isActive && (
          <span className="text-list text-input" title={t('automation.drainingText')}>
            {t('automation.draining')}
          </span>
        )}
        <span className="grow" />
        {module.internal ? (
          <span className="text-list text-faint">{t('automation.internal')}</span>
        ) : (
          <span className="flex items-center gap-2.5 text-list">
            {allowed && !module.isActive && <Remove name={name} />}
            <span aria-hidden className="text-muted">
              {t('automation.active')}
            </span>
            <Switch
              label={`${name}: ${t('automation.active')}`}
              on={module.isActive}
              disabled={!allowed || busy}
              onChange={(on) => give(name, on ? 'on' : 'off')}
            />
            {allowed && <ModuleMenu module={module} busy={busy} onOrder={(order) => give(name, order)} />}
          </span>
        )}
      </div>
      {trouble && (
        <p className={clsx('text-list break-words', isAtRest(module) ? 'text-muted' : 'text-failed')}>
          <Quoting text={trouble} />
          {failures > 1 && <span className="text-muted"> {t('module.failures', { count: failures })}</span>}
        </p>
      )}
      {module.breaker && module.breaker.state !== 'CLOSED' && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-list">
          <p className="text-input">
            {t(`module.breaker.${module.breaker.state}`, {
              failures: module.breaker.failures,
              allowed: module.breaker.allowed ?? 0,
              at: module.breaker.againAt ? clock(new Date(module.breaker.againAt), i18n.language) : '–',
            })}
          </p>
          {may('projects') && (
            <Button disabled={busy} title={t('module.resetText')} onClick={() => give(name, 'reset')}>
              {t('module.reset')}
            </Button>
          )}
        </div>
      )}
      {question}
    </header>
  );
}

/** Only what is switched off can be taken away by a person. */
function Remove({ name }: { name: string }) {
  const { t } = useTranslation();
  const { project } = useAddress();
  const navigate = useNavigate();
  const remove = useRemoveModule();
  const [asking, setAsking] = useState(false);
  const leave = () => void navigate({ to: '/automation/modules', search: project ? { project } : {} });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('module.remove')}</Button>
      <Confirm
        open={asking}
        title={t('module.askRemove', { name })}
        text={t('module.askRemoveText')}
        action={t('module.remove')}
        busy={remove.isPending}
        onConfirm={() => remove.mutate(name, { onSuccess: leave, onSettled: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
