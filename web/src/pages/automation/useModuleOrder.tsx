import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { ModuleOrder } from '@/features/modules/ModuleMenu';
import { useModuleOrders } from '@/features/modules/queries';
import { Confirm } from '@/shared/ui/Confirm';

type Asked = { name: string; order: 'off' | 'drain' } | null;

/** Has something done to a module; asks before what takes work away from it. `question` has to be shown. */
export function useModuleOrder() {
  const { t } = useTranslation();
  const orders = useModuleOrders();
  const [asked, setAsked] = useState<Asked>(null);
  const give = (name: string, order: ModuleOrder) => {
    if (order === 'off' || order === 'drain') setAsked({ name, order });
    else orders.mutate({ name, order });
  };
  const question = (
    <Confirm
      open={asked !== null}
      title={t(`automation.ask.${asked?.order ?? 'off'}`, { name: asked?.name ?? '' })}
      text={t(`automation.askText.${asked?.order ?? 'off'}`)}
      action={t(`automation.askDo.${asked?.order ?? 'off'}`)}
      busy={orders.isPending}
      onConfirm={() => asked && orders.mutate(asked, { onSettled: () => setAsked(null) })}
      onClose={() => setAsked(null)}
    />
  );
  return { give, busy: orders.isPending, question };
}
