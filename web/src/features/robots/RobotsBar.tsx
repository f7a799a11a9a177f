import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Robot } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { IconButton } from '@/shared/ui/IconButton';
import { CANCELLABLE, RETRIABLE, useRobotOrders } from './queries';

/** What can be done with the ticked robots; each button says to how many of them it applies. */
export function RobotsBar(props: { robots: readonly Robot[]; onClear: () => void }) {
  const { t } = useTranslation();
  const orders = useRobotOrders();
  const [asking, setAsking] = useState(false);
  const { robots } = props;
  if (robots.length === 0) return null;
  const idsOf = (states: readonly string[]) =>
    robots.filter(({ status }) => states.includes(status)).map(({ robotId }) => robotId);
  const [retriable, cancellable] = [idsOf(RETRIABLE), idsOf(CANCELLABLE)];
  const order = (what: 'retry' | 'cancel', ids: readonly string[]) =>
    orders.mutate(
      { ids, what },
      {
        onSettled: () => {
          setAsking(false);
          props.onClear();
        },
      },
    );
  return (
    <div
      role="toolbar"
      aria-label={t('board.selected', { count: robots.length })}
      className="fixed bottom-4 left-1/2 z-10 flex max-w-[calc(100%-16px)] -translate-x-1/2 animate-appear items-center gap-1.5 rounded-panel bg-raised p-1.5 pl-3 text-list shadow-float max-desk:bottom-20"
    >
      <span className="mr-1 whitespace-nowrap">{t('board.selected', { count: robots.length })}</span>
      {retriable.length > 0 && (
        <Button disabled={orders.isPending} onClick={() => order('retry', retriable)}>
          {t('automation.many.retry', { count: retriable.length })}
        </Button>
      )}
      {cancellable.length > 0 && (
        <Button disabled={orders.isPending} onClick={() => setAsking(true)}>
          {t('automation.many.cancel', { count: cancellable.length })}
        </Button>
      )}
      <IconButton label={t('board.clearSelection')} onClick={props.onClear}>
        <X className="size-4" />
      </IconButton>
      <Confirm
        open={asking}
        title={t('automation.many.askCancel', { count: cancellable.length })}
        text={t('automation.robot.askCancelText')}
        action={t('automation.robot.cancelDo')}
        busy={orders.isPending}
        onConfirm={() => order('cancel', cancellable)}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
