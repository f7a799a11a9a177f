import { useTranslation } from '@/shared/i18n/translation';
import type { Batch } from '@/shared/api/types';
import { TimeAgo } from '@/shared/ui/Time';
import { BatchBar } from './BatchBar';
import { isUnderWay } from './progress';

/** A batch in a list: its name, how far it is, what failed. */
export function BatchLine({ batch }: { batch: Batch }) {
  const { t, i18n } = useTranslation();
  const number = (value: number) => value.toLocaleString(i18n.language);
  const failed = batch.byStatus['FAILED'] ?? 0;
  return (
    <span className="grid items-center gap-x-4 gap-y-1.5 px-4 py-2.5 text-list max-desk:grid-cols-[minmax(0,1fr)_auto] desk:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)_150px_90px_60px]">
      <span className="min-w-0">
        <span className="block truncate font-medium" title={batch.correlationId}>
          {batch.correlationId}
        </span>
        {batch.madeBy && (
          <span className="block truncate text-small text-faint">
            {t('batches.madeBy', { name: batch.madeBy })}
          </span>
        )}
      </span>
      <BatchBar batch={batch} className="max-desk:order-3 max-desk:col-span-2" />
      <span className="whitespace-nowrap text-muted tabular-nums max-desk:order-4">
        {isUnderWay(batch)
          ? t('batches.doneOf', { done: number(batch.done), total: number(batch.total) })
          : t('batches.robots', { count: batch.total })}
      </span>
      <span className="text-right whitespace-nowrap text-failed tabular-nums max-desk:order-5">
        {failed > 0 && `${number(failed)} ${t('automation.status.FAILED')}`}
      </span>
      {batch.madeAt && (
        <TimeAgo
          at={batch.madeAt}
          className="text-right text-small whitespace-nowrap text-faint max-desk:order-2"
        />
      )}
    </span>
  );
}
