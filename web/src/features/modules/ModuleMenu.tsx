import { CircleStop, Ellipsis, Play, Stethoscope } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Module } from '@/shared/api/types';
import { IconButton } from '@/shared/ui/IconButton';
import { Menu, MenuItem } from '@/shared/ui/Menu';

export type ModuleOrder = 'check' | 'drain' | 'keep' | 'on' | 'off' | 'reset';

interface ModuleMenuProps {
  module: Module;
  busy: boolean;
  onOrder: (order: ModuleOrder) => void;
}

/** What can be done with a module of somebody's own. */
export function ModuleMenu({ module, busy, onOrder }: ModuleMenuProps) {
  const { t } = useTranslation();
  const next = module.draining ? 'keep' : 'drain';
  return (
    <Menu
      trigger={
        <IconButton label={t('automation.order.menu', { name: module.moduleName })} disabled={busy}>
          <Ellipsis className="size-4" />
        </IconButton>
      }
    >
      <MenuItem icon={<Stethoscope className="size-4" />} onSelect={() => onOrder('check')}>
        {t('automation.order.check')}
      </MenuItem>
      {module.isActive && (
        <MenuItem
          icon={module.draining ? <Play className="size-4" /> : <CircleStop className="size-4" />}
          onSelect={() => onOrder(next)}
        >
          {t(`automation.order.${next}`)}
        </MenuItem>
      )}
    </Menu>
  );
}
