import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Module } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { NumberField } from '@/shared/ui/Field';
import type { ModuleLimits } from './queries';

interface FormProps {
  module: Module;
  busy: boolean;
  onSubmit: (limits: ModuleLimits) => void;
}

/** How many robots a module gets; what is above that waits. */
export function LimitsForm({ module, busy, onSubmit }: FormProps) {
  const { t } = useTranslation();
  const [atOnce, setAtOnce] = useState(module.maxConcurrent ?? null);
  const [perMinute, setPerMinute] = useState(module.maxPerMinute ?? null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit({ maxConcurrent: atOnce, maxPerMinute: perMinute });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 text-left">
      <NumberField
        label={t('module.limit.atOnce')}
        hint={t('module.limit.atOnceHint')}
        most={100_000}
        value={atOnce}
        onChange={setAtOnce}
      />
      <NumberField
        label={t('module.limit.perMinute')}
        hint={t('module.limit.perMinuteHint')}
        most={1_000_000}
        value={perMinute}
        onChange={setPerMinute}
      />
      <Button type="submit" tone="primary" disabled={busy} className="self-end">
        {t('module.limit.save')}
      </Button>
    </form>
  );
}
