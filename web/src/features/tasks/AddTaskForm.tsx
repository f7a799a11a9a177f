import { type SubmitEvent, type KeyboardEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { TASK_PRIORITIES } from '@/shared/api/states';
import type { NewTask, Project, TaskPriority } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { SelectField, TextArea, TextField } from '@/shared/ui/Field';

interface AddTaskFormProps {
  projects: readonly Pick<Project, 'key' | 'name'>[];
  project: string | null;
  busy: boolean;
  onSubmit: (task: Pick<NewTask, 'projectId' | 'title' | 'description' | 'priority'>) => void;
}

/** A task needs a title and a project; Ctrl+Enter sends it from anywhere. */
export function AddTaskForm(props: AddTaskFormProps) {
  const { t } = useTranslation();
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const [priority, setPriority] = useState<TaskPriority>('medium');
  const [project, setProject] = useState(props.project ?? props.projects[0]?.key ?? '');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!title.trim() || props.busy) return;
    props.onSubmit({
      projectId: project,
      title: title.trim(),
      priority,
      description: description.trim() || null,
    });
  };
  const sendOnCtrlEnter = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a short cut; the button does the same
    <form onSubmit={submit} onKeyDown={sendOnCtrlEnter} className="flex flex-col gap-4">
      <TextField
        label={t('add.title')}
        placeholder={t('add.titleHint')}
        required
        maxLength={255}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label={t('add.project')}
          required
          value={project}
          onChange={(event) => setProject(event.target.value)}
        >
          {props.projects.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('priority.label')}
          value={priority}
          onChange={(event) => setPriority(event.target.value as TaskPriority)}
        >
          {TASK_PRIORITIES.map((each) => (
            <option key={each} value={each}>
              {t(`priority.${each}`)}
            </option>
          ))}
        </SelectField>
      </div>
      <TextArea
        label={t('add.description')}
        note={t('common.optional')}
        placeholder={t('add.descriptionHint')}
        maxLength={64_000}
        rows={5}
        value={description}
        onChange={(event) => setDescription(event.target.value)}
      />
      <Button type="submit" tone="primary" disabled={props.busy || !title.trim()} className="self-end">
        {t('add.submit')}
      </Button>
    </form>
  );
}
