import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { LimitsForm } from '@/features/modules/LimitsForm';
import { useLimitModule } from '@/features/modules/queries';
import type { Module } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';

/** Sets a module's limits, for those who may; the system's own modules have none. */
export function ModuleLimits({ module }: { module: Module }) {
  const { t } = useTranslation();
  const may = useMay();
  const limit = useLimitModule();
  const [open, setOpen] = useState(false);
  if (module.internal || !may('modules')) return null;
  const close = () => setOpen(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('module.limit.change')}</Button>
      <Dialog title={t('module.limit.title', { name: module.moduleName })} open={open} onClose={close}>
        <LimitsForm
          module={module}
          busy={limit.isPending}
          onSubmit={(limits) => limit.mutate({ name: module.moduleName, limits }, { onSuccess: close })}
        />
      </Dialog>
    </>
  );
}
