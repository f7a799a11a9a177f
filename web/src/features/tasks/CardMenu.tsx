import { SquareCheck, SquareX } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { TASK_PRIORITIES, TASK_STATES } from '@/shared/api/states';
import type { Task, TaskPriority } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { AnchoredMenu, MenuChoices, MenuItem, MenuLabel, MenuLine } from '@/shared/ui/Menu';
import { STATE_LOOKS } from '@/shared/ui/states';
import { type Command, verdictOn } from './drops';

interface CardMenuProps {
  task: Task | null;
  anchor: HTMLElement | null;
  selected: boolean;
  onMove: (task: Task, command: Command) => void;
  onPriority: (task: Task, priority: TaskPriority) => void;
  onSelect: (id: string) => void;
  onClose: () => void;
}

/** Everything that dragging does, by keyboard and on a phone: where a card can go, and why not elsewhere. */
export function CardMenu(props: CardMenuProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { task } = props;
  if (!task) return null;
  return (
    <AnchoredMenu open anchor={props.anchor} onClose={props.onClose}>
      <MenuItem
        icon={props.selected ? <SquareX className="size-4" /> : <SquareCheck className="size-4" />}
        onSelect={() => props.onSelect(task.id)}
      >
        {t(props.selected ? 'board.unselect' : 'board.select', { key: task.key })}
      </MenuItem>
      <MenuLine />
      <MenuLabel>{t('board.moveTo')}</MenuLabel>
      {TASK_STATES.map((state) => {
        const verdict = verdictOn(task, state, may);
        if (!verdict) return null;
        const { icon: Icon, color } = STATE_LOOKS[state];
        const command = 'command' in verdict ? verdict.command : null;
        return (
          <MenuItem
            key={state}
            icon={<Icon className={`size-4 ${color}`} />}
            disabled={!command}
            onSelect={() => command && props.onMove(task, command)}
          >
            <span className="min-w-0 py-1">
              {t(`state.${state}`)}
              <span className="block text-small text-muted">
                {'refusal' in verdict
                  ? t(`board.refusal.${verdict.refusal}`)
                  : t(`board.drop.${verdict.command}`)}
              </span>
            </span>
          </MenuItem>
        );
      })}
      {may('tasks') && (
        <>
          <MenuLine />
          <MenuChoices
            label={t('priority.label')}
            value={task.priority}
            choices={TASK_PRIORITIES.map((value) => ({ value, text: t(`priority.${value}`) }))}
            onChoose={(priority) => props.onPriority(task, priority)}
          />
        </>
      )}
    </AnchoredMenu>
  );
}
