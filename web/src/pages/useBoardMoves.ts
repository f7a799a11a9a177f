import { useCallback, useState } from 'react';
import { useGroupActions } from '@/features/groups/queries';
import { useOrders } from '@/features/tasks/commands';
import type { Command } from '@/features/tasks/drops';
import type { TaskCommand } from '@/features/tasks/orders';
import type { Task, TaskPriority } from '@/shared/api/types';

/** Something that is done only when the person has confirmed it. */
export interface AskedMove {
  command: Command;
  tasks: readonly Task[];
}

const ASKS = new Set<Command>(['stop', 'cancel', 'requestChanges', 'ship', 'promote', 'rollback']);

/** Moves tasks on the board: at once, or after asking where it cannot simply be taken back. */
export function useBoardMoves(onDone: (tasks: readonly Task[]) => void) {
  const orders = useOrders();
  const groups = useGroupActions();
  const [asked, setAsked] = useState<AskedMove | null>(null);
  const { mutate } = orders;

  const order = useCallback(
    (command: TaskCommand, tasks: readonly Task[], words?: string) =>
      mutate(
        { tasks, what: { command, ...(words && { words }) } },
        {
          onSuccess: ({ done }) => {
            onDone(done);
            // What somebody wrote stays until it was taken.
            if (words && done.length > 0) setAsked(null);
          },
        },
      ),
    [mutate, onDone],
  );
  const move = useCallback(
    (command: Command, tasks: readonly Task[]) => {
      if (ASKS.has(command)) setAsked({ command, tasks });
      else order(command as TaskCommand, tasks);
    },
    [order],
  );
  const close = () => setAsked(null);
  const confirm = (words?: string) => {
    if (!asked) return;
    const { command, tasks } = asked;
    const finished = { onSuccess: () => onDone(tasks), onSettled: close };
    const [task] = tasks;
    const group = task?.groupId && { id: task.groupId, number: task.groupNumber ?? 0 };
    if (command === 'ship')
      groups.ship.mutate(
        tasks.map(({ id }) => id),
        finished,
      );
    else if (command === 'promote' || command === 'rollback') {
      if (group) groups[command].mutate(group, finished);
    } else {
      order(command, tasks, words);
      if (!words) close();
    }
  };
  return {
    move,
    setPriority: (priority: TaskPriority, tasks: readonly Task[]) => mutate({ tasks, what: { priority } }),
    asked,
    confirm,
    close,
    busy: orders.isPending || groups.ship.isPending || groups.promote.isPending || groups.rollback.isPending,
  };
}
