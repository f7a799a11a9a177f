import { useQuery } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { projectsQuery } from '@/features/projects/queries';
import { AddTaskForm } from '@/features/tasks/AddTaskForm';
import { useAddTask } from '@/features/tasks/queries';
import { Dialog } from '@/shared/ui/Dialog';

/** Writes a task for the project that is shown, or for any. */
export function AddTaskDialog(props: { open: boolean; project: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const projects = useQuery(projectsQuery);
  const add = useAddTask();
  return (
    <Dialog title={t('board.newTask')} open={props.open} onClose={props.onClose}>
      <AddTaskForm
        projects={projects.data?.filter(({ status }) => status !== 'archived') ?? []}
        project={props.project}
        busy={add.isPending}
        onSubmit={(task) => add.mutate(task, { onSuccess: props.onClose })}
      />
    </Dialog>
  );
}
