import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { TaskState } from '@/shared/api/types';
import { STATE_LOOKS } from './states';

/** A task's state: picture, colour and word. */
export function StateBadge(props: { state: TaskState; className?: string }) {
  const { t } = useTranslation();
  const { icon: Icon, color } = STATE_LOOKS[props.state];
  return (
    <span className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', color, props.className)}>
      <Icon aria-hidden className="size-4 shrink-0" />
      {t(`state.${props.state}`)}
    </span>
  );
}
