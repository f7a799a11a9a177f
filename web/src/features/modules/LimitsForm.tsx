import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Module } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { TextField } from '@/shared/ui/Field';
import type { ModuleLimits } from './queries';

interface FormProps {
  module: Module;
  busy: boolean;
  onSubmit: (limits: ModuleLimits) => void;
}

/** How many robots a module gets; what is above that waits. */
export function LimitsForm({ module, busy, onSubmit }: FormProps) {
  const { t } = useTranslation();
  const [atOnce, setAtOnce] = useState(module.maxConcurrent?.toString() ?? '');
  const [perMinute, setPerMinute] = useState(module.maxPerMinute?.toString() ?? '');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit({
      maxConcurrent: atOnce ? Number(atOnce) : null,
      maxPerMinute: perMinute ? Number(perMinute) : null,
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 text-left">
      <TextField
        label={t('module.limit.atOnce')}
        hint={t('module.limit.atOnceHint')}
        type="number"
        min={1}
        max={100_000}
        step={1}
        value={atOnce}
        onChange={(event) => setAtOnce(event.target.value)}
      />
      <TextField
        label={t('module.limit.perMinute')}
        hint={t('module.limit.perMinuteHint')}
        type="number"
        min={1}
        max={1_000_000}
        step={1}
        value={perMinute}
        onChange={(event) => setPerMinute(event.target.value)}
      />
      <Button type="submit" tone="primary" disabled={busy} className="self-end">
        {t('module.limit.save')}
      </Button>
    </form>
  );
}
