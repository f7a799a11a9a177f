import { useTranslation } from '@/shared/i18n/translation';
import { NewProjectForm } from '@/features/projects/NewProjectForm';
import { useCreateProject } from '@/features/projects/queries';
import { Dialog } from '@/shared/ui/Dialog';

/** Brings a repository in. */
export function NewProjectDialog(props: {
  open: boolean;
  onCreated: (project: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const create = useCreateProject();
  return (
    <Dialog title={t('project.create')} open={props.open} onClose={props.onClose}>
      <NewProjectForm
        busy={create.isPending}
        refused={create.error}
        onSubmit={(project) => create.mutate(project, { onSuccess: ({ key }) => props.onCreated(key) })}
      />
    </Dialog>
  );
}
