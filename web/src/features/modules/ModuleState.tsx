import clsx from 'clsx';
import { CirclePause } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Module } from '@/shared/api/types';
import { LOOKS } from './looks';
import { isAtRest } from './trouble';

interface ModuleStateProps {
  module: Pick<Module, 'healthStatus' | 'silent'>;
  title?: string | undefined;
  className?: string;
}

/** How a module is: picture, colour and word. */
export function ModuleState({ module, title, className }: ModuleStateProps) {
  const { t } = useTranslation();
  const health = module.healthStatus;
  const atRest = isAtRest(module);
  const { icon, color } = LOOKS[health];
  const Icon = atRest ? CirclePause : icon;
  return (
    <span
      className={clsx(
        'inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap',
        health === 'UNKNOWN' ? 'text-faint' : color,
        className,
      )}
      title={title}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {atRest ? t('automation.atRest') : t(`automation.healthState.${health}`)}
    </span>
  );
}
