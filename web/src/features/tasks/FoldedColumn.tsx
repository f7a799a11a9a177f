import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import { STATE_LOOKS } from '@/shared/ui/states';
import type { Column } from './board';
import type { Command, Verdict } from './drops';
import { useDrop } from './useDrop';

interface FoldedColumnProps {
  column: Column;
  count: number;
  /** What dropping here what is being dragged would do; null while nothing is, or where it came from. */
  verdict: Verdict | null;
  onDrop: (command: Command) => void;
  onUnfold: () => void;
}

/** A column as a strip: what it is, how much is in it, and a place to drop. Nothing moves while a card is dragged. */
export function FoldedColumn(props: FoldedColumnProps) {
  const { t } = useTranslation();
  const { column, count, verdict } = props;
  const name = t(`state.${column.id}`);
  const { icon: Icon } = STATE_LOOKS[column.states[0]];
  const command = verdict && 'command' in verdict ? verdict.command : null;
  const refusal = verdict && 'refusal' in verdict ? verdict.refusal : null;
  const drop = useDrop(command, props.onDrop);
  return (
    <button
      type="button"
      aria-expanded={false}
      title={
        refusal
          ? t(`board.refusal.${refusal}`)
          : t(command ? `board.drop.${command}` : 'board.unfold', { name })
      }
      onClick={props.onUnfold}
      {...drop.handlers}
      className={clsx(
        'mb-2 flex w-9 shrink-0 flex-col items-center gap-2 rounded-card pt-2.5 text-small transition-[background-color,opacity,box-shadow] hover:bg-hover hover:text-ink',
        command ? 'bg-hover text-link ring-1 ring-line-strong ring-inset' : 'text-faint',
        command && drop.over && 'ring-2 ring-focus',
        refusal && 'opacity-40',
      )}
    >
      <Icon aria-hidden className="size-4" />
      {count} <span className="[writing-mode:vertical-rl]">{name}</span>
    </button>
  );
}
