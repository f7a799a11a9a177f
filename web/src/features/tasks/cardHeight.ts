import type { Task } from '@/shared/api/types';

const WITH_ONE_LINE = 54;
const ANOTHER_LINE = 19;
const FOOT = 21;
const LETTERS_IN_A_LINE = 28;

/** How high a card will probably be, in pixels: close enough that nothing moves when it is measured. */
export function cardHeight(task: Task): number {
  return (
    WITH_ONE_LINE + (task.title.length > LETTERS_IN_A_LINE ? ANOTHER_LINE : 0) + (hasFoot(task) ? FOOT : 0)
  );
}

function hasFoot(task: Task): boolean {
  switch (task.state) {
    case 'in_progress':
    case 'needs_input':
      return true;
    case 'backlog':
      return !!task.waiting;
    case 'ready_to_test':
    case 'approved':
      return !!(task.previewUrl ?? task.previewError);
    default:
      return false;
  }
}
