import { X } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { TASK_PRIORITIES } from '@/shared/api/states';
import type { Task, TaskPriority } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { IconButton } from '@/shared/ui/IconButton';
import { Menu, MenuItem } from '@/shared/ui/Menu';
import { PriorityMark } from '@/shared/ui/PriorityMark';
import { type Command, verdictOn } from './drops';

interface SelectionBarProps {
  tasks: readonly Task[];
  busy: boolean;
  onCommand: (command: Command, tasks: readonly Task[]) => void;
  onPriority: (priority: TaskPriority, tasks: readonly Task[]) => void;
  onClear: () => void;
}

/** What can be done with several tasks at once; each button says to how many of them it applies. */
export function SelectionBar(props: SelectionBarProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { tasks, busy } = props;
  if (tasks.length === 0) return null;
  const taking = (to: 'approved' | 'staging' | 'cancelled', command: Command) =>
    tasks.filter((task) => {
      const verdict = verdictOn(task, to, may);
      return verdict && 'command' in verdict && verdict.command === command;
    });
  const [approvable, shippable, cancellable] = [
    taking('approved', 'approve'),
    taking('staging', 'ship'),
    taking('cancelled', 'cancel'),
  ];
  return (
    <div
      role="toolbar"
      aria-label={t('board.selected', { count: tasks.length })}
      className="absolute bottom-4 left-1/2 z-10 flex max-w-[calc(100%-16px)] -translate-x-1/2 animate-appear items-center gap-1.5 overflow-x-auto rounded-panel bg-raised p-1.5 pl-3 text-list shadow-float"
    >
      <span className="mr-1 whitespace-nowrap">{t('board.selected', { count: tasks.length })}</span>
      {approvable.length > 0 && (
        <Button disabled={busy} onClick={() => props.onCommand('approve', approvable)}>
          {t('board.approveSome', { count: approvable.length })}
        </Button>
      )}
      {shippable.length > 0 && (
        <Button disabled={busy} onClick={() => props.onCommand('ship', shippable)}>
          {t('board.shipSome', { count: shippable.length })}
        </Button>
      )}
      {may('tasks') && (
        <Menu trigger={<Button disabled={busy}>{t('priority.label')}</Button>}>
          {TASK_PRIORITIES.map((priority) => (
            <MenuItem key={priority} onSelect={() => props.onPriority(priority, tasks)}>
              <PriorityMark priority={priority} word />
            </MenuItem>
          ))}
        </Menu>
      )}
      {cancellable.length > 0 && (
        <Button disabled={busy} onClick={() => props.onCommand('cancel', cancellable)}>
          {t('board.cancelSome', { count: cancellable.length })}
        </Button>
      )}
      <IconButton label={t('board.clearSelection')} onClick={props.onClear}>
        <X className="size-4" />
      </IconButton>
    </div>
  );
}
